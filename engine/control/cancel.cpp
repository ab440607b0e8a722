#include "engine/control/session.h"

#include <mutex>

namespace streamwright {

struct Cancel::Shared {
    std::mutex mutex;
    bool requested = false;
    std::vector<std::function<void()>> reactions;
};

std::shared_ptr<Cancel::Shared> Cancel::makeShared() { return std::make_shared<Shared>(); }

void Cancel::request()
{
    std::vector<std::function<void()>> reactions;
    {
        std::lock_guard lock(shared_->mutex);
        shared_->requested = true;
        reactions = std::exchange(shared_->reactions, {});
    }
    for (const auto& react : reactions) react();
}

bool Cancel::requested() const
{
    std::lock_guard lock(shared_->mutex);
    return shared_->requested;
}

void Cancel::onRequest(std::function<void()> react)
{
    {
        std::lock_guard lock(shared_->mutex);
        if (!shared_->requested) {
            shared_->reactions.push_back(std::move(react));
            return;
        }
    }
    react();
}

}
