package io.sagitta.attack.console;

import io.sagitta.attack.run.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs a command line: parses, works, words errors, decides the exit status. A command is a class
 * with a constructor that takes the {@link Terminal}.
 */
public final class Commands {
  private static final String VERBOSE = "--verbose";
  private static final String LOG_LEVEL = "tinylog.level";

  private Commands() {}

  /** Prints the versions. */
  public static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"sagitta " + Version.sagitta() + ", Java " + Version.java()};
    }
  }

  /**
   * Runs a command as a process: on its own streams, stopping cleanly on signals, ending with an
   * exit status.
   */
  public static void main(Class<?> command, String... arguments) {
    StopSignal stop = new StopSignal();
    stop.install();
    int status = run(command, Terminal.ofProcess(stop::check), arguments);
    stop.workIsDone();
    if (!stop.requested()) {
      System.exit(status);
    }
  }

  /**
   * Runs a command. One that is done but whose results could not be written has failed.
   *
   * @return the exit status
   */
  public static int run(Class<?> command, Terminal terminal, String... arguments) {
    boolean verbose = Arrays.asList(arguments).contains(VERBOSE);
    if (verbose) {
      System.setProperty(LOG_LEVEL, "debug");
    }
    try {
      int status = commandLine(command, terminal).execute(arguments);
      ExitCode written = written(terminal);
      return status == ExitCode.OK.status() ? written.status() : status;
    } catch (Error e) {
      // Exceptions alone come to the handler below.
      return explainFailure(e, terminal.err(), verbose);
    }
  }

  /** Whether what was printed has arrived. */
  private static ExitCode written(Terminal terminal) {
    IOException failure = terminal.outputFailure();
    if (failure == null) {
      return ExitCode.OK;
    }
    if (Results.isUnread(failure)) {
      return ExitCode.UNREAD;
    }
    terminal.say("sagitta: standard output: cannot be written: " + failure.getMessage());
    return ExitCode.BAD_FILE;
  }

  /** The command line, ready to execute. */
  static CommandLine commandLine(Class<?> command, Terminal terminal) {
    CommandLine line = new CommandLine(command, new Constructing(terminal));
    prepare(line);
    return line.setOut(terminal.out())
        .setErr(terminal.err())
        .setColorScheme(
            Help.defaultColorScheme(terminal.interactive() ? Help.Ansi.ON : Help.Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(new Checked())
        .setParameterExceptionHandler(Commands::explainUsage)
        .setExecutionExceptionHandler(
            (failure, inner, parsed) ->
                explainFailure(failure, inner.getErr(), isVerbose(parsed)));
  }

  private static void prepare(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    Map<String, String> codes = new LinkedHashMap<>();
    for (ExitCode code : ExitCode.values()) {
      codes.put(" " + code.status(), code.meaning());
    }
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    spec.usageMessage().sortOptions(false).width(100).abbreviateSynopsis(true);
    line.getSubcommands().values().forEach(Commands::prepare);
  }

  private static int explainUsage(ParameterException failure, String[] arguments) {
    CommandLine line = failure.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("sagitta: " + failure.getMessage());
    if (failure instanceof UnmatchedArgumentException unmatched) {
      UnmatchedArgumentException.printSuggestions(unmatched, err);
    }
    err.println("'" + line.getCommandSpec().qualifiedName() + " --help' lists what there is.");
    err.flush();
    return ExitCode.USAGE.status();
  }

  private static int explainFailure(Throwable failure, PrintWriter err, boolean verbose) {
    ExitCode code = ExitCode.of(failure);
    err.println("sagitta: " + message(failure, code));
    if (verbose) {
      failure.printStackTrace(err);
    }
    err.flush();
    return code.status();
  }

  private static String message(Throwable failure, ExitCode code) {
    if (code == ExitCode.UNEXPECTED) {
      return "unexpected error: " + failure + " (" + VERBOSE + " prints where)";
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private static boolean isVerbose(ParseResult parsed) {
    return parsed.hasMatchedOption(VERBOSE)
        || parsed.hasSubcommand() && isVerbose(parsed.subcommand());
  }

  /** Runs the command that was named if its options are in range. */
  private static final class Checked extends RunLast {
    @Override
    protected List<Object> handle(ParseResult parsed) {
      Ranges.check(parsed);
      return super.handle(parsed);
    }
  }

  /** Gives commands the terminal. */
  private static final class Constructing implements IFactory {
    private final IFactory fallback = CommandLine.defaultFactory();
    private final Terminal terminal;

    Constructing(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (Constructor<?> constructor : type.getDeclaredConstructors()) {
        if (Arrays.equals(constructor.getParameterTypes(), new Class<?>[] {Terminal.class})) {
          constructor.setAccessible(true);
          return type.cast(constructor.newInstance(terminal));
        }
      }
      return fallback.create(type);
    }
  }
}
