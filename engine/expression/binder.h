// Gives names and types to a tree. Private to this room.
#pragma once
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"
#include "engine/expression/lambda.h"
#include "engine/expression/syntax.h"

namespace streamwright::syntax {

class Binder {
public:
    // Slots: the columns of the input, the rows' numbers, then what the tree keeps itself.
    Binder(const Schema& input, RowNumbers numbers, std::string_view text) : input_(input), numbers_(numbers), text_(text), nextSlot_(static_cast<uint32_t>(input.size() + 1)) {}
    Result<BoundPtr> bind(const Node& node);
    // The byte of the text where the innermost part begins that has a mistake.
    std::optional<size_t> mistakeAt() const { return mistakeAt_; }

private:
    struct Variable {
        std::string name;
        Type type;
        uint32_t slot;
    };

    Result<BoundPtr> bindKind(const Node& node);
    Result<BoundPtr> name(const Node& node);
    Result<BoundPtr> cast(const Node& node);
    Result<BoundPtr> caseWhen(const Node& node);
    Result<BoundPtr> call(const Node& node);
    std::optional<Result<BoundPtr>> operatorCall(const Node& node);
    std::optional<Result<BoundPtr>> lazyCall(const Node& node);
    Result<BoundPtr> between(const Node& node);
    Result<BoundPtr> in(const Node& node);
    Result<BoundPtr> likeMany(const Node& node);
    Result<BoundPtr> nullIf(const Node& node);
    Result<BoundPtr> structure(const Node& node);
    Result<BoundPtr> withLambdas(const Node& node);
    Result<BoundPtr> functionCall(const std::string& name, std::vector<BoundPtr> arguments);
    std::optional<Error> addNumbers(const Function& function, std::vector<BoundPtr>& arguments);
    Error unknownFunction(const std::string& name) const;
    Error unknownColumn(const std::string& name) const;

    Result<std::vector<BoundPtr>> all(std::span<const Node> nodes);
    // A value that several places read: a column or literal as it is, anything else in a slot, which the
    // caller closes with `let`.
    struct Shared {
        BoundPtr value;
        BoundPtr reference;
        std::optional<uint32_t> slot;
        BoundPtr close(BoundPtr body) const { return slot ? let(value, *slot, std::move(body)) : body; }
    };
    Result<Shared> share(const Node& node);

    const Schema& input_;
    RowNumbers numbers_;
    std::string_view text_;
    int64_t numberedCalls_ = 0;
    uint32_t nextSlot_;
    std::optional<size_t> mistakeAt_;
    std::vector<Variable> variables_;   // of the lambdas around, innermost last
};

}
