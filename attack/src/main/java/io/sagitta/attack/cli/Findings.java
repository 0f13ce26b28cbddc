package io.sagitta.attack.cli;

import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.report.RunInfo;

/** What attacks found, and what is known of how it came to be. */
record Findings(AttackResults results, RunInfo info) {}
