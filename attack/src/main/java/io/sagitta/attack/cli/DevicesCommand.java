package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Version;
import io.sagitta.kernels.Devices;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "devices",
    description = "What would be used to compute, and why not the others.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = "  sagitta devices")
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private CommonOptions common;

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PrintWriter out = terminal.out();
    for (Devices.Device device : Devices.list()) {
      out.println(device.name() + ": " + device.description());
      if (!device.precisions().isEmpty()) {
        out.println(
            "  convolutions and products in "
                + device.precisions().stream().map(Enum::name).collect(Collectors.joining(", ")));
      }
      device.notes().forEach(note -> out.println("  " + note));
    }
    Devices.Selection auto = Devices.select("auto");
    out.println(
        "auto takes " + auto.names().get(0)
            + (auto.reason() == null ? "." : ": " + auto.reason() + "."));
    out.println("Java " + Version.java() + " on " + Version.system());
    out.flush();
    return ExitCode.OK.status();
  }
}
