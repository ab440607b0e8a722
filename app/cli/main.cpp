// streamwright: runs and checks pipelines without a desktop.
#include "app/cli/verbs.h"

int main(int argc, char** argv)
{
    CLI::App program("Streamwright runs stream pipelines.", "streamwright");
    program.require_subcommand(1);
    program.set_version_flag("--version", "streamwright " STREAMWRIGHT_VERSION);
    program.set_help_all_flag("--help-all", "Print the help of every verb and exit");
    program.footer("Examples:\n"
                   "  streamwright check words.json\n"
                   "  streamwright run words.json --set port=9998\n"
                   "  streamwright nodes filter\n"
                   "\n"
                   "Every verb explains itself: streamwright run --help\n"
                   "Exit codes: 0 fine, 1 failed while running, 2 a mistake in the pipeline or on the command line.");
    int exitCode = 0;
    streamwright::addRunVerb(program, exitCode);
    streamwright::addEvalVerb(program, exitCode);
    streamwright::addTestVerb(program, exitCode);
    streamwright::addCheckVerb(program, exitCode);
    streamwright::addNodesVerb(program, exitCode);
    streamwright::addCheckpointVerb(program, exitCode);
    streamwright::addCompletionVerb(program, exitCode);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }
    return exitCode;
}
