package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.Grid.WARPS;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Scope;

/**
 * Launches the kernels of rows.cu. What is added to one place is found by looking through a short
 * index for every place, and by sorting a long one; either way it is added in the order of the
 * index, so that the same inputs give the same bits.
 */
final class CudaRows {
  /** The longest index that is looked through, and the greatest number of looks. */
  private static final int SHORT_INDEX = 2048;

  private static final long MOST_LOOKS = 1 << 24;

  private final CudaSession session;
  private final CudaIndexSort sort;
  private final LazyKernel gather;
  private final LazyKernel[] select;
  private final LazyKernel[] scatterScan;
  private final LazyKernel scatterBounds;
  private final LazyKernel[] scatterSorted;
  private final LazyKernel fill;

  CudaRows(CudaSession session) {
    this.session = session;
    sort = new CudaIndexSort(session);
    gather = new LazyKernel(session, "rows", "gather_rows_f32");
    select = forms("select");
    scatterScan = forms("scatter_scan");
    scatterBounds = new LazyKernel(session, "rows", "scatter_bounds");
    scatterSorted = forms("scatter_sorted");
    fill = new LazyKernel(session, "elementwise", "fill_f32");
  }

  /** A kernel that moves numbers, by the type that they are stored as. */
  private LazyKernel[] forms(String name) {
    return new LazyKernel[] {
      new LazyKernel(session, "rows", name + "_f32"), new LazyKernel(session, "rows", name + "_bf16")
    };
  }

  private static int form(CudaBuffer numbers) {
    return numbers.type() == DType.BF16 ? 1 : 0;
  }

  /** x and y are both of F32 or both of BF16. */
  void select(CudaBuffer x, CudaBuffer winners, CudaBuffer y) {
    long n = y.elements();
    if (n > 0) {
      select[form(x)].with().arg(n).arg(x).arg(winners).arg(y)
          .run(Grid.blocks(n, THREADS), THREADS);
    }
  }

  /** x and y are both of F32 or both of BF16. */
  void scatter(CudaBuffer y, CudaBuffer winners, CudaBuffer x) {
    scatterAddRows(y, winners, x, y.elements(), x.elements(), 1);
  }

  void gatherRows(CudaBuffer table, CudaBuffer index, CudaBuffer y, long rows, long width) {
    long n = rows * width;
    if (n > 0) {
      gather.with().arg(rows).arg(width).arg(table).arg(index).arg(y)
          .run(Grid.blocks(n, THREADS), THREADS);
    }
  }

  void scatterAddRows(
      CudaBuffer y, CudaBuffer index, CudaBuffer table, long rows, long tableRows, long width) {
    if (tableRows * width == 0) {
      return;
    }
    if (rows <= SHORT_INDEX && rows * tableRows <= MOST_LOOKS) {
      long units = tableRows * ((width + 31) / 32);
      scatterScan[form(y)].with().arg(rows).arg(tableRows).arg(width).arg(y).arg(index).arg(table)
          .run(Grid.blocks(units, WARPS), THREADS);
    } else {
      addSorted(y, index, table, rows, tableRows, width);
    }
  }

  private void addSorted(
      CudaBuffer y, CudaBuffer index, CudaBuffer table, long rows, long tableRows, long width) {
    try (Scope scratch = Scope.detached()) {
      CudaBuffer bounds = scratch.add(session.scratch(DType.I32, 2 * tableRows));
      CudaIndexSort.Sorted sorted = sort.sort(scratch, index, rows, tableRows);
      // The bits of 0.0f are those of the integer 0.
      fill.with().arg(bounds.elements()).arg(bounds).arg(0f)
          .run(Grid.blocks(bounds.elements(), 4 * THREADS), THREADS);
      scatterBounds.with().arg(rows).arg(sorted.keys()).arg(bounds)
          .run(Grid.blocks(rows, THREADS), THREADS);
      scatterSorted[form(y)].with().arg(tableRows).arg(width).arg(y).arg(bounds)
          .arg(sorted.origins()).arg(table).run(Grid.blocks(tableRows * width, THREADS), THREADS);
    }
  }
}
