// array_sort(array, (a, b) -> …): merge sort of all arrays at once. Each round compares one pair of every
// merge that is going on, so the lambda is evaluated over many pairs; it is stable.
#include "engine/expression/lambda.h"

namespace streamwright::syntax {

namespace {

// Two neighbouring runs of one array that become one.
struct Merge {
    uint32_t row;
    uint32_t left, leftEnd;
    uint32_t right, rightEnd;
    uint32_t out;
};

struct Sort final : Bound {
    Lambda lambda;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const Elements elements = elementsOf(inputs[0]->evaluate(frame));
        const auto count = static_cast<uint32_t>(elements.values->size());
        std::vector<uint32_t> order = allRows(count), sorted(count);
        uint32_t longest = 0;
        for (size_t row = 0; row < frame.rows; ++row) longest = std::max(longest, elements.end(row) - elements.begin(row));
        for (uint64_t width = 1; width < longest; width *= 2) {
            std::vector<Merge> merges = mergesOf(frame, elements, width, order, sorted);
            while (!merges.empty()) {
                const ColumnPtr signs = compare(frame, elements, merges, order);
                size_t kept = 0;
                for (size_t i = 0; i < merges.size(); ++i) {
                    Merge merge = merges[i];
                    if (signs->isNull(i)) tellNull(frame, merge.row);
                    const bool takeRight = !signs->isNull(i) && signs->value<int32_t>(i) > 0;
                    sorted[merge.out++] = order[takeRight ? merge.right++ : merge.left++];
                    if (merge.left < merge.leftEnd && merge.right < merge.rightEnd) {
                        merges[kept++] = merge;
                        continue;
                    }
                    while (merge.left < merge.leftEnd) sorted[merge.out++] = order[merge.left++];
                    while (merge.right < merge.rightEnd) sorted[merge.out++] = order[merge.right++];
                }
                merges.resize(kept);
            }
            order.swap(sorted);
        }
        auto offsets = Buffer::allocate((frame.rows + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        for (size_t row = 0; row <= frame.rows; ++row) out[row] = elements.array->offsets()[row] - elements.first;
        std::vector<Owner> owners = elements.array->owners();
        owners.push_back(offsets);
        return Column::make(type, frame.rows, out, elements.array->nulls(), std::move(owners), {gather(*elements.values, order)});
    }

private:
    // The merges of one width; runs without a partner are copied.
    static std::vector<Merge> mergesOf(const Frame& frame, const Elements& elements, uint64_t width, const std::vector<uint32_t>& order, std::vector<uint32_t>& sorted)
    {
        std::vector<Merge> merges;
        for (uint32_t row = 0; row < frame.rows; ++row) {
            const uint64_t end = elements.end(row);
            for (uint64_t from = elements.begin(row); from < end; from += 2 * width) {
                const uint64_t middle = std::min(from + width, end), last = std::min(from + 2 * width, end);
                if (middle == last) std::copy(order.begin() + static_cast<int64_t>(from), order.begin() + static_cast<int64_t>(last), sorted.begin() + static_cast<int64_t>(from));
                else merges.push_back({row, static_cast<uint32_t>(from), static_cast<uint32_t>(middle), static_cast<uint32_t>(middle), static_cast<uint32_t>(last), static_cast<uint32_t>(from)});
            }
        }
        return merges;
    }

    ColumnPtr compare(Frame& frame, const Elements& elements, const std::vector<Merge>& merges, const std::vector<uint32_t>& order) const
    {
        std::vector<uint32_t> rows, left, right;
        for (const Merge& merge : merges) {
            rows.push_back(merge.row);
            left.push_back(order[merge.left]);
            right.push_back(order[merge.right]);
        }
        const Variable variables[] = {{lambda.slots[0], gather(*elements.values, left)}, {lambda.slots[1], gather(*elements.values, right)}};
        return evaluateBody(*lambda.body, frame, rows, variables);
    }

    static void tellNull(Frame& frame, uint32_t row)
    {
        const auto& told = frame.errors.rows();
        if (told.empty() || told.back().row != row) frame.errors.add(row, "the lambda of array_sort gave NULL");
    }
};

}

BoundPtr sortCall(BoundPtr array, Lambda compare)
{
    auto node = std::make_shared<Sort>();
    node->type = array->type;
    node->canFail = true;
    node->inputs = {std::move(array), compare.body};
    const std::vector<uint32_t> introduced = compare.slots;
    node->lambda = std::move(compare);
    return seal(std::move(node), introduced);
}

}
