// aggregate(array, start, merge[, finish]): step k merges element k of every array that has one, so that
// the loop runs over rows. A plain sum goes over the elements directly.
#include "engine/expression/lambda.h"

namespace streamwright::syntax {

namespace {

struct Fold final : Bound {
    Lambda merge;
    std::optional<Lambda> finish;
    BoundPtr summed;   // merge is `accumulator + summed`, and `summed` does not read the accumulator

    ColumnPtr evaluate(Frame& frame) const override
    {
        const Elements elements = elementsOf(inputs[0]->evaluate(frame));
        ColumnPtr result = summed ? sum(frame, elements) : steps(frame, elements);
        if (!finish) return result;
        std::vector<uint32_t> rows;
        for (size_t row = 0; row < frame.rows; ++row) {
            if (!elements.array->isNull(row)) rows.push_back(static_cast<uint32_t>(row));
        }
        const Variable accumulator[] = {{finish->slots[0], rows.size() == frame.rows ? result : gather(*result, rows)}};
        Pieces pieces;
        ColumnPtr finished = evaluateBody(*finish->body, frame, rows, accumulator);
        pieces.add(std::move(finished), std::move(rows));
        return pieces.assemble(type, frame.rows);
    }

private:
    ColumnPtr steps(Frame& frame, const Elements& elements) const
    {
        Pieces done;
        std::vector<uint32_t> active;
        for (size_t row = 0; row < frame.rows; ++row) {
            if (!elements.array->isNull(row)) active.push_back(static_cast<uint32_t>(row));
        }
        ColumnPtr accumulator = evaluateOn(*inputs[1], frame, active);
        for (uint32_t step = 0; !active.empty(); ++step) {
            frame.checkStop();
            std::vector<uint32_t> going, goingAt, ended, endedAt, picks;
            for (uint32_t i = 0; i < active.size(); ++i) {
                const uint32_t element = elements.begin(active[i]) + step;
                const bool more = element < elements.end(active[i]);
                (more ? going : ended).push_back(active[i]);
                (more ? goingAt : endedAt).push_back(i);
                if (more) picks.push_back(element);
            }
            if (!ended.empty()) {
                ColumnPtr final = going.empty() ? accumulator : gather(*accumulator, endedAt);
                done.add(std::move(final), std::move(ended));
            }
            if (going.empty()) break;
            if (going.size() < active.size()) accumulator = gather(*accumulator, goingAt);
            active = std::move(going);
            const bool allElements = picks.size() == elements.values->size();
            const Variable variables[] = {{merge.slots[0], accumulator}, {merge.slots[1], allElements ? elements.values : gather(*elements.values, picks)}};
            accumulator = evaluateBody(*merge.body, frame, active, variables);
        }
        return done.assemble(merge.body->type, frame.rows);
    }

    ColumnPtr sum(Frame& frame, const Elements& elements) const
    {
        const Operand start = evaluateOperand(*inputs[1], frame);
        const Variable variables[] = {{merge.slots[1], elements.values}};
        const auto slot = slotIn(*summed);
        const ColumnPtr values = slot && *slot == merge.slots[1] ? elements.values : evaluateBody(*summed, frame, elements.rows(), variables);
        const bool single = values->size() == frame.rows && oneEach(elements, frame.rows);
        switch (summed->type.kind()) {
            case TypeKind::Int:
                if (single && !isNullConstant(start)) return addWhole(summed->type, start, {values, false}, frame);
                return sumOf<int32_t>(frame, elements, start, *values);
            case TypeKind::BigInt:
                if (single && !isNullConstant(start)) return addWhole(summed->type, start, {values, false}, frame);
                return sumOf<int64_t>(frame, elements, start, *values);
            case TypeKind::Float: return sumOf<float>(frame, elements, start, *values);
            default: return sumOf<double>(frame, elements, start, *values);
        }
    }

    static bool oneEach(const Elements& elements, size_t rows)
    {
        if (elements.array->nulls()) return false;
        const uint32_t* offsets = elements.array->offsets();
        uint32_t different = 0;
        for (size_t row = 0; row < rows; ++row) different |= (offsets[row + 1] - offsets[row]) ^ 1;
        return different == 0;
    }

    template <class T>
    ColumnPtr sumOf(Frame& frame, const Elements& elements, const Operand& start, const Column& values) const
    {
        auto buffer = Buffer::allocate(frame.rows * sizeof(T));
        T* out = reinterpret_cast<T*>(buffer->data());
        Marks marks{elements.array->nulls(), elements.array->owners()};
        uint8_t* nulls = writable(marks, frame.rows);
        const T* in = values.values<T>();
        for (size_t row = 0; row < frame.rows; ++row) {
            if ((row & 4095) == 4095) frame.checkStop();
            bool null = nulls[row] || start.isNull(row);
            T total = null ? T() : start.column->values<T>()[start.at(row)];
            const uint32_t end = elements.end(row);
            for (uint32_t e = elements.begin(row); e < end && !null; ++e) {
                null = values.isNull(e);
                if (null) break;
                if constexpr (std::is_floating_point_v<T>) {
                    total += in[e];
                } else if (T next; !__builtin_add_overflow(total, in[e], &next)) {
                    total = next;
                } else {
                    frame.errors.add(row, fmt::format("{} overflow: {} + {}", sizeof(T) == 4 ? "integer" : "long", total, in[e]));
                    null = true;
                }
            }
            out[row] = total;
            nulls[row] = null;
        }
        return columnAround(merge.body->type, frame.rows, buffer, std::move(marks));
    }
};

bool reads(const Bound& bound, uint32_t slot) { return std::binary_search(bound.slots.begin(), bound.slots.end(), slot); }

// What the merge adds to the accumulator, when it does nothing else.
BoundPtr summedBy(const Lambda& merge)
{
    const auto sides = additionIn(*merge.body);
    if (!sides) return nullptr;
    for (const auto& [one, other] : {std::pair(sides->first, sides->second), std::pair(sides->second, sides->first)}) {
        if (slotIn(*one) == merge.slots[0] && !reads(*other, merge.slots[0])) return other;
    }
    return nullptr;
}

}

BoundPtr foldCall(BoundPtr array, BoundPtr start, Lambda merge, std::optional<Lambda> finish)
{
    auto node = std::make_shared<Fold>();
    node->type = finish ? finish->body->type : merge.body->type;
    node->summed = summedBy(merge);
    node->inputs = {std::move(array), std::move(start), merge.body};
    std::vector<uint32_t> introduced = merge.slots;
    if (finish) {
        node->inputs.push_back(finish->body);
        introduced.insert(introduced.end(), finish->slots.begin(), finish->slots.end());
    }
    node->merge = std::move(merge);
    node->finish = std::move(finish);
    return seal(std::move(node), introduced);
}

}
