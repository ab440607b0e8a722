// streamwright completion bash: a script for the shell, derived from the verbs and their options.
#include "app/cli/verbs.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

std::string optionsOf(const CLI::App& verb)
{
    std::string words;
    for (const CLI::Option* option : verb.get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        for (const std::string& name : option->get_lnames()) words += " --" + name;
    }
    return words.empty() ? words : words.substr(1);
}

// A case of the shell script for a verb and, behind it, its own verbs.
void appendVerb(const CLI::App& verb, const std::string& path, std::string& script)
{
    std::string words = optionsOf(verb);
    for (const CLI::App* inner : verb.get_subcommands({})) {
        words = inner->get_name() + (words.empty() ? "" : " " + words);
        appendVerb(*inner, path + (path.empty() ? "" : " ") + inner->get_name(), script);
    }
    script += fmt::format("        \"{}\") words=\"{}\" ;;\n", path, words);
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
                         "    local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" words word\n"
                         "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                         "        case \"${path:+$path }$word\" in\n";
    script += "            " + names + (inner.empty() ? "" : "|" + inner) + ") path=\"${path:+$path }$word\" ;;\n";
    script += "        esac\n"
              "    done\n"
              "    case \"$path\" in\n" +
              verbs +
              "    esac\n"
              "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
              "    [[ $current == -* || -z $path ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
              "}\n"
              "complete -o filenames -F _streamwright streamwright\n";
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
