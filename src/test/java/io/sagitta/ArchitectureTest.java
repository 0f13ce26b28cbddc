package io.sagitta;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls of the house, as ARCHITECTURE.md draws them. */
class ArchitectureTest {
  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sagitta");
  }

  @Test
  void everyModuleIsSeen() {
    for (String module : new String[] {"kernels", "engine", "nn", "attack", "bench"}) {
      assertThat(classes)
          .as("classes of %s", module)
          .anyMatch(c -> c.getPackageName().startsWith("io.sagitta." + module));
    }
  }

  @Test
  void modulesPointDownward() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("io.sagitta..")
        .layer("kernels").definedBy("io.sagitta.kernels..")
        .layer("engine").definedBy("io.sagitta.engine..")
        .layer("nn").definedBy("io.sagitta.nn..")
        .layer("attack").definedBy("io.sagitta.attack..")
        .layer("bench").definedBy("io.sagitta.bench..")
        .whereLayer("bench").mayNotBeAccessedByAnyLayer()
        .whereLayer("attack").mayOnlyBeAccessedByLayers("bench")
        .whereLayer("nn").mayOnlyBeAccessedByLayers("attack", "bench")
        .whereLayer("engine").mayOnlyBeAccessedByLayers("nn", "attack", "bench")
        .check(classes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"io.sagitta.nn.(*)..", "io.sagitta.attack.(*)..", "io.sagitta.kernels.(*).."})
  void roomsFormNoCircle(String rooms) {
    SlicesRuleDefinition.slices().matching(rooms).should().beFreeOfCycles().check(classes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jcuda..", "org.bytedeco..", "sun.misc.."})
  void devicesStayInsideKernels(String library) {
    noClasses()
        .that().resideOutsideOfPackages("io.sagitta.kernels..", "io.sagitta.bench..")
        .should().dependOnClassesThat().resideInAnyPackage(library)
        .check(classes);
  }

  @Test
  void onlyTheBackendsKnowHowTheyCompute() {
    noClasses()
        .that().resideOutsideOfPackage("io.sagitta.kernels..")
        .should().dependOnClassesThat().resideInAnyPackage("io.sagitta.kernels.host..")
        .check(classes);
  }
}
