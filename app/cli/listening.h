// `streamwright run --listen`: a run, or a session without one, that viewers reach and find.
#pragma once
#include "engine/control/session.h"
#include "engine/remote/published_run.h"
#include "engine/remote/server.h"

#include <CLI/CLI.hpp>

namespace streamwright {

struct ListenArguments {
    std::optional<std::string> address;     // empty text: the default; none: does not listen
    std::optional<std::string> tokenFile;
    bool noToken = false;
    bool untilLeft = false;
};
void addListenOptions(CLI::App& verb, ListenArguments& arguments);
// Whether they fit together. `run --listen words.json` means the file: what follows --listen and is no address is
// FILE, if there is none.
Result<void> settleListening(ListenArguments& listen, std::string& file);

class Listening {
public:
    struct What {
        std::string name;                   // of the pipeline
        std::filesystem::path file;
        std::function<void()> abandoned = nullptr;
    };
    static Result<std::unique_ptr<Listening>> open(Session& session, const ListenArguments& arguments, What what);
    // Where it listens, for people.
    const std::vector<std::string>& lines() const { return lines_; }

private:
    std::unique_ptr<SessionServer> server_;
    std::optional<Publication> publication_;
    std::vector<std::string> lines_;
};

// `run --listen` without FILE: who attaches starts pipelines, until a signal or, if so asked, nobody is there any more.
int serveEmptySession(const CLI::App& verb, const ListenArguments& arguments);

}
