// The verbs of the program, one file each. Every function adds its subcommand; when the user calls it,
// it runs and leaves the exit code: 0 fine, 1 failed while running, 2 a mistake of the user.
#pragma once
#include <CLI/CLI.hpp>

namespace streamwright {

void addRunVerb(CLI::App& program, int& exitCode);
void addEvalVerb(CLI::App& program, int& exitCode);
void addTestVerb(CLI::App& program, int& exitCode);
void addCheckVerb(CLI::App& program, int& exitCode);
void addNodesVerb(CLI::App& program, int& exitCode);
void addFunctionsVerb(CLI::App& program, int& exitCode);
void addCheckpointVerb(CLI::App& program, int& exitCode);
void addCheckpointHistoryVerb(CLI::App& checkpoint, int& exitCode);
void addCompletionVerb(CLI::App& program, int& exitCode);

}
