#include "engine/remote/remote_session.h"

namespace streamwright {

namespace {

class FixedPlace final : public Place {
public:
    explicit FixedPlace(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
    Result<Endpoint> find() override { return endpoint_; }
    std::string name() const override { return endpoint_.address; }

private:
    const Endpoint endpoint_;
};

}

std::unique_ptr<Place> placeAt(Endpoint endpoint) { return std::make_unique<FixedPlace>(std::move(endpoint)); }

}
