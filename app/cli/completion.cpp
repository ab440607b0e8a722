// streamwright completion bash: a script for the shell, derived from the verbs and their options.
#include "app/cli/functions.h"
#include "app/cli/verbs.h"
#include "engine/nodes/catalog.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) text += (text.empty() || word.empty() ? "" : " ") + word;
    return text;
}

std::string optionsOf(const CLI::App& verb)
{
    std::vector<std::string> words;
    for (const CLI::Option* option : verb.get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
    return joined(words);
}

// The words that an option takes, from its type as CLI11 shows it: `TEXT:{wall,virtual}`; empty if any.
std::string choicesOf(const CLI::Option& option)
{
    const std::string type = option.get_type_name();
    const size_t open = type.find('{'), close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) return {};
    std::string words = type.substr(open + 1, close - open - 1);
    std::ranges::replace(words, ',', ' ');
    return words;
}

// What stands behind a verb: its own verbs, or the words that it takes.
std::string namesOf(const CLI::App& verb)
{
    std::vector<std::string> names;
    for (const CLI::App* inner : verb.get_subcommands({})) names.push_back(inner->get_name());
    for (const CLI::Option* option : verb.get_options()) {
        if (option->get_positional()) names.push_back(choicesOf(*option));
    }
    if (verb.get_name() == "nodes") names = builtInNodes().names();
    if (verb.get_name() == "functions") names = functionNames();
    return joined(names);
}

// Cases of the shell script for a verb and, behind it, its own verbs.
void appendVerb(const CLI::App& verb, const std::string& path, std::string& script)
{
    for (const CLI::App* inner : verb.get_subcommands({})) appendVerb(*inner, path + (path.empty() ? "" : " ") + inner->get_name(), script);
    for (const CLI::Option* option : verb.get_options()) {
        const std::string choices = choicesOf(*option);
        for (const std::string& name : option->get_lnames()) {
            if (!choices.empty()) script += fmt::format("        \"{} --{}\") names=\"{}\" options=\"\" ;;\n", path, name, choices);
        }
    }
    script += fmt::format("        \"{}\"|\"{} \"*) names=\"{}\" options=\"{}\" ;;\n", path, path, namesOf(verb), optionsOf(verb));
}

std::string bashScript(const CLI::App& program)
{
    std::string verbs;
    appendVerb(program, "", verbs);
    std::string inner;
    for (const CLI::App* verb : program.get_subcommands({})) {
        for (const CLI::App* below : verb->get_subcommands({})) inner += fmt::format("{}\"{} {}\"", inner.empty() ? "" : "|", verb->get_name(), below->get_name());
    }
    std::string names;
    for (const CLI::App* verb : program.get_subcommands({})) names += (names.empty() ? "" : "|") + verb->get_name();
    std::string script = "# Completion of streamwright for bash: eval \"$(streamwright completion bash)\"\n"
                         "_streamwright() {\n"
                         "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" path=\"\" names options word\n"
                         "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                         "        case \"${path:+$path }$word\" in\n";
    script += "            " + names + (inner.empty() ? "" : "|" + inner) + ") path=\"${path:+$path }$word\" ;;\n";
    script += "        esac\n"
              "    done\n"
              "    case \"$path $previous\" in\n" +
              verbs +
              "    esac\n"
              "    if [[ $current == -* ]]; then\n"
              "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
              "    elif [[ -n $names ]]; then\n"
              "        mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\")\n"
              "    else\n"
              "        compopt -o filenames\n"
              "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
              "    fi\n"
              "}\n"
              "complete -F _streamwright streamwright\n";
    return script;
}

}

void addCompletionVerb(CLI::App& program, int& exitCode)
{
    CLI::App* verb = program.add_subcommand("completion", "Print a completion script for the shell");
    auto shell = std::make_shared<std::string>("bash");
    verb->add_option("SHELL", *shell, "The shell")->check(CLI::IsMember({"bash"}))->capture_default_str();
    verb->footer("Example:\n  eval \"$(streamwright completion bash)\"");
    verb->callback([&program, &exitCode, shell] {
        fmt::print("{}", bashScript(program));
        exitCode = 0;
    });
}

}
