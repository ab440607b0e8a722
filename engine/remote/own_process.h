// A process of its own for the runs of a session: a child `streamwright run --listen`. A crash there is a sentence
// here, and the next start has a new one.
#pragma once
#include "engine/remote/remote_session.h"

#include <filesystem>
#include <mutex>

namespace streamwright {

class OwnProcess : public Place {
public:
    explicit OwnProcess(std::filesystem::path program);     // streamwright
    // Ends the process at once, if `keep` was not called.
    ~OwnProcess() override;

    Result<Endpoint> find() override;
    std::string name() const override;
    bool begin() override;
    bool kill() override;
    // It goes on when this is destroyed, until its run has ended. Others can attach to it.
    void keep();

private:
    Result<void> spawn();
    // Why it is gone; none if it still lives after so many milliseconds.
    std::optional<Error> ended(int within);

    const std::filesystem::path program_;
    mutable std::mutex mutex_;
    int process_ = 0;                   // 0: there was none yet, or it may begin anew
    int watch_ = -1;                    // readable when the process has ended
    int said_ = -1;                     // what it wrote to standard error
    bool found_ = false;                // it was reachable before
    bool killed_ = false;
    bool kept_ = false;
    std::optional<Error> gone_;
};

}
