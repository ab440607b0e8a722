// streamwright: runs and checks pipelines without a desktop.
#include "app/cli/verbs.h"
#include "engine/base/printable.h"
#include "engine/base/suggest.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <span>

namespace {

std::string failure(const CLI::App*, const CLI::Error& error)
{
    return fmt::format("error: {}\n  `streamwright --help` and `streamwright VERB --help` explain\n", error.what());
}

// A word that is no verb; CLI11 would only say that one is missing.
bool isUnknownVerb(const CLI::App& program, std::string_view word)
{
    return !word.starts_with('-') && std::ranges::none_of(program.get_subcommands({}), [word](const CLI::App* verb) { return verb->get_name() == word; });
}

int complainOfVerb(const CLI::App& program, std::string_view path, std::string_view word)
{
    std::vector<std::string> names;
    for (const CLI::App* verb : program.get_subcommands({})) names.push_back(verb->get_name());
    const std::string close = streamwright::didYouMean(word, names);
    fmt::print(stderr, "error: no verb called {}{}\n  `{} --help` lists them\n", streamwright::printable(word), close.empty() ? "" : " (" + close + ")", path);
    return 2;
}

// The exit code for the first word that should be a verb and is none; verbs may have verbs of their own.
std::optional<int> findUnknownVerb(const CLI::App& program, std::span<char*> words)
{
    const CLI::App* app = &program;
    std::string path = program.get_name();
    for (const char* word : words) {
        if (app->get_subcommands({}).empty()) return std::nullopt;
        if (isUnknownVerb(*app, word)) return complainOfVerb(*app, path, word);
        if (*word == '-') return std::nullopt;
        app = app->get_subcommand(word);
        path += std::string(" ") + word;
    }
    return std::nullopt;
}

}

int main(int argc, char** argv)
{
    CLI::App program("Streamwright runs stream pipelines.", "streamwright");
    program.require_subcommand(1);
    program.failure_message(failure);
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
    streamwright::addFunctionsVerb(program, exitCode);
    streamwright::addCheckpointVerb(program, exitCode);
    streamwright::addCompletionVerb(program, exitCode);
    if (const auto unknown = findUnknownVerb(program, std::span(argv + 1, argv + argc))) return *unknown;
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }
    return exitCode;
}
