// streamwright: runs and checks pipelines without a desktop.
#include "app/cli/verbs.h"

int main(int argc, char** argv)
{
    CLI::App program("Streamwright runs stream pipelines.", "streamwright");
    program.require_subcommand(1);
    int exitCode = 0;
    streamwright::addRunVerb(program, exitCode);
    streamwright::addEvalVerb(program, exitCode);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }
    return exitCode;
}
