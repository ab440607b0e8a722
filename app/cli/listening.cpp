#include "app/cli/listening.h"

#include "app/cli/arguments.h"
#include "app/cli/signal_watch.h"
#include "engine/base/clock.h"
#include "engine/base/files.h"
#include "engine/control/local_session.h"
#include "engine/control/work_queue.h"
#include "engine/nodes/catalog.h"
#include "engine/remote/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace streamwright {

namespace {

constexpr const char* kGroup = "Listening";

Result<std::string> tokenFor(const ListenArguments& arguments)
{
    if (arguments.noToken) return std::string();
    if (!arguments.tokenFile) return newToken();
    auto text = readFile(*arguments.tokenFile);
    if (!text) return mistake(text.error().message, "--token-file names a file that holds the token");
    const size_t end = text->find_last_not_of(" \t\r\n");
    text->resize(end == std::string::npos ? 0 : end + 1);
    const bool oneWord = !text->empty() && std::ranges::all_of(*text, [](char c) { return c > ' ' && c < 127; });
    if (!oneWord) return mistake(fmt::format("a token is one word, but {} holds something else", *arguments.tokenFile), "write a secret word into it, readable by you alone");
    return std::move(*text);
}

Result<ServerOptions> optionsFor(const ListenArguments& arguments)
{
    const auto address = arguments.address->empty() ? ListenAddress() : parseListenAddress(*arguments.address);
    if (!address) return address.error();
    ServerOptions options{.address = address->address, .port = address->port};
    if (arguments.noToken && arguments.tokenFile) return mistake("--no-token and --token-file exclude each other", "leave one out");
    auto token = tokenFor(arguments);
    if (!token) return token.error();
    options.token = std::move(*token);
    return options;
}

}

void addListenOptions(CLI::App& verb, ListenArguments& arguments)
{
    const auto take = [&arguments](const CLI::results_t& words) {
        arguments.address = words.empty() || words[0] == "true" || words[0] == "{}" ? std::string() : words[0];
        return true;
    };
    verb.add_option("--listen", take, "Let viewers attach, and serve /metrics, /healthz and /api/progress over HTTP (127.0.0.1, any free port)")->type_name("[ADDRESS:PORT]")->expected(0, 1)->group(kGroup);
    verb.add_option("--token-file", arguments.tokenFile, "The token that viewers need; else a new one, in a file of the run in $XDG_RUNTIME_DIR/streamwright")->type_name("FILE")->group(kGroup);
    verb.add_flag("--no-token", arguments.noToken, "Let in everybody who reaches the address")->group(kGroup);
    verb.add_flag("--until-left", arguments.untilLeft, "Without FILE: end when nothing runs and nobody has been attached for 10 s")->group(kGroup);
}

Result<void> settleListening(ListenArguments& listen, std::string& file)
{
    if (!listen.address && (listen.tokenFile || listen.noToken || listen.untilLeft)) {
        return mistake(fmt::format("{} belongs to --listen, but nothing listens", listen.tokenFile ? "--token-file" : listen.noToken ? "--no-token" : "--until-left"), "add --listen, or leave it out");
    }
    if (listen.untilLeft && !file.empty()) return mistake("--until-left is for --listen without FILE, but a FILE is given", "a run ends by itself or is stopped: leave it out");
    if (!file.empty() || !listen.address || listen.address->empty() || parseListenAddress(*listen.address)) return {};
    const size_t colon = listen.address->rfind(':');
    const bool port = colon != std::string::npos && std::ranges::all_of(listen.address->substr(colon + 1), [](char c) { return c >= '0' && c <= '9'; });
    if (!port) file = std::exchange(*listen.address, "");
    return {};
}

Result<std::unique_ptr<Listening>> Listening::open(Session& session, const ListenArguments& arguments, What what)
{
    auto options = optionsFor(arguments);
    if (!options) return options.error();
    options->abandoned = std::move(what.abandoned);
    const std::string token = options->token;
    const std::string address = options->address;
    auto server = SessionServer::listen(session, std::move(*options));
    if (!server) return server.error();
    auto publication = Publication::publish({::getpid(), (*server)->address(), token, std::move(what.name), std::move(what.file), wallClock()->now()});
    if (!publication) return publication.error();
    auto listening = std::make_unique<Listening>();
    listening->lines_.push_back(fmt::format("listening on http://{}{}", (*server)->address(), token.empty() ? ", without a token" : fmt::format(", token in {}", publication->path().string())));
    if (token.empty() && address != "127.0.0.1" && address != "::1") listening->lines_.push_back("everybody who reaches this address may see and control the run");
    listening->server_ = std::move(*server);
    listening->publication_ = std::move(*publication);
    return listening;
}

int serveEmptySession(const CLI::App& verb, const ListenArguments& arguments)
{
    for (const CLI::Option* option : verb.get_options()) {
        if (option->count() > 0 && option->get_group() != kGroup) return complain(mistake(fmt::format("{} belongs to a FILE, but none is given", option->get_name()), "name the pipeline file, or leave it out"));
    }
    std::optional<SignalWatch> signals(std::in_place);
    const Catalog catalog = builtInNodes();
    WorkQueue answers;
    std::atomic<bool> over{false};
    const auto end = [&over] {
        over = true;
        over.notify_all();
    };
    const auto session = localSession(catalog);
    const auto stop = [&](StopHow how) { session->stop(how, {.answerOn = [&answers](std::function<void()> work) { answers.add(std::move(work)); }, .deadline = seconds(24 * 3600)}, [end](const Result<void>&) { end(); }); };
    Listening::What what;
    if (arguments.untilLeft) what.abandoned = end;
    auto listening = Listening::open(*session, arguments, std::move(what));
    if (!listening) return complain(listening.error());
    const auto say = [](const std::string& text) { fmt::print(stderr, "info: {}\n", text); };
    for (const std::string& line : (*listening)->lines()) say(line);
    signals->watch({[stop] { stop(StopHow::AfterBatch); }, [stop] { stop(StopHow::AtOnce); }, say});
    over.wait(false);
    signals.reset();
    return 0;
}

}
