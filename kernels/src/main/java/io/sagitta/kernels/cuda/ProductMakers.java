package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Precision;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The libraries that may compute products on a device, and what was measured of them. */
final class ProductMakers implements AutoCloseable {
  static final String PROPERTY = "sagitta.cuda.products";

  private static final System.Logger LOG = System.getLogger(ProductMakers.class.getName());
  private static final Set<String> NAMES = Set.of("own", "cublas", "cudnn", "auto");

  private final CudaSession session;
  private final String asked;
  private final boolean forced;
  private final CublasMatmul cublas;
  private final CudnnConvolution cudnn;
  private final ProductTuner tuner;

  /** What the property says; on an emulated driver, whose times say nothing, auto is own. */
  ProductMakers(CudaSession session) {
    this(session, System.getProperty(PROPERTY, "auto"), !CudaDriver.isSubstituted());
  }

  /**
   * @param asked the property's value
   * @param measurable whether the device's times are worth measuring
   * @throws IllegalArgumentException if {@code asked} is none of the values there are
   * @throws IllegalStateException if it asks for a library that cannot be used, with the reason
   */
  ProductMakers(CudaSession session, String asked, boolean measurable) {
    this.session = session;
    this.asked = asked;
    this.tuner = new ProductTuner(session);
    Set<String> names = new TreeSet<>(Arrays.asList(asked.split(",")));
    if (!NAMES.containsAll(names) || names.contains("auto") && names.size() > 1) {
      throw new IllegalArgumentException(
          PROPERTY + ": expected own, auto, cublas, cudnn or cublas,cudnn; got '" + asked + "'");
    }
    boolean auto = names.contains("auto") && measurable;
    this.forced = !auto;
    boolean useCublas = names.contains("cublas") || auto;
    boolean useCudnn = names.contains("cudnn") || auto;
    this.cublas = useCublas ? open(CudaLibraries.Kind.CUBLAS, this::newCublas) : null;
    this.cudnn = useCudnn ? open(CudaLibraries.Kind.CUDNN, this::newCudnn) : null;
  }

  private interface Opening<T> {
    T open();
  }

  private CublasMatmul newCublas() {
    return new CublasMatmul(session);
  }

  private CudnnConvolution newCudnn() {
    return new CudnnConvolution(session);
  }

  /** The library's products; null if the library is not there and nobody insists. */
  private <T> T open(CudaLibraries.Kind kind, Opening<T> opening) {
    CudaLibraries.Library library = CudaLibraries.get(kind);
    if (library.isUsable()) {
      try {
        return opening.open();
      } catch (CudaException e) {
        if (forced || e.isDeviceLost()) {
          throw e;
        }
        LOG.log(Level.WARNING, kind.title() + " is not used: " + e.getMessage());
        return null;
      }
    }
    if (forced) {
      throw new IllegalStateException(PROPERTY + "=" + asked + ": " + library);
    }
    LOG.log(Level.DEBUG, library.toString());
    return null;
  }

  /** Whether a library is used wherever it can, unmeasured. */
  boolean isForced() {
    return forced;
  }

  /** Products by cuBLAS, or null. */
  CublasMatmul cublas() {
    return cublas;
  }

  /** Convolutions by cuDNN, or null. */
  CudnnConvolution cudnn() {
    return cudnn;
  }

  /** Whether there is a library and it computes in this precision. */
  boolean mayUse(Object library, Precision precision) {
    return library != null && (precision == Precision.FP32 || isTf32(precision));
  }

  static boolean isTf32(Precision precision) {
    return precision == Precision.TF32;
  }

  /**
   * The choice for a shape: the kept one, else the fastest, which is kept. Kept choices are for one
   * device, one version of each library and one text of our kernel.
   */
  synchronized ProductChoice measured(
      String file, Record shape, List<ProductChoice> libraries, Consumer<ProductChoice> run) {
    ProductChoices choices = ProductChoices.in(ImageCache.userFolder().resolve("products.tsv"));
    KernelSource source = KernelSource.read(file);
    String kernel =
        ImageCache.key(List.of(source.text(), source.headers().toString())).substring(0, 16);
    String key =
        session.device().model() + ", "
            + "cuBLAS " + (cublas == null ? "none" : cublas.version()) + ", "
            + "cuDNN " + (cudnn == null ? "none" : CudnnConvolution.version()) + ", "
            + file + " " + kernel + ", " + shape;
    ProductChoice known = choices.get(key);
    if (known != null) {
      return known;
    }
    List<ProductChoice> candidates = new ArrayList<>(List.of(ProductChoice.OWN));
    candidates.addAll(libraries);
    return session.measure(
        () -> {
          // Another session may have measured while this one waited for its turn.
          ProductChoice meanwhile = choices.get(key);
          return meanwhile != null ? meanwhile : measured(choices, key, candidates, run);
        });
  }

  private ProductChoice measured(
      ProductChoices choices, String key, List<ProductChoice> candidates,
      Consumer<ProductChoice> run) {
    ProductTuner.Result result = tuner.choose(candidates, run);
    LOG.log(Level.DEBUG, key + ": " + result.measured());
    return choices.keep(key, result.choice(), result.measured());
  }

  /** On a lost device there is nothing left to give back. */
  @Override
  public void close() {
    if (session.isClosed() || session.isLost()) {
      return;
    }
    if (cublas != null) {
      cublas.close();
    }
    if (cudnn != null) {
      cudnn.close();
    }
  }
}
