#include "engine/nodes/sources/shared/kafka_positions.h"

#include "engine/pipeline/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace streamwright {

namespace {

Error damaged(std::string_view text)
{
    return permanent(fmt::format("the position of a Kafka source cannot be read: \"{}\"", text.substr(0, 80)), "`streamwright checkpoint verify` shows what is damaged");
}

std::optional<std::vector<int64_t>> integersOf(const Json& list)
{
    std::vector<int64_t> numbers;
    for (const Json& item : list.items()) {
        const auto number = item.asInteger();
        if (!number) return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

}

std::string positionsText(const KafkaPositions& positions)
{
    Json topics = Json::object();
    for (const auto& [partition, position] : positions) {
        std::vector<Json> numbers{Json::integer(position.next)};
        if (position.last) {
            for (const int64_t number : {position.last->offset, position.last->millis, position.last->hash}) numbers.push_back(Json::integer(number));
        }
        if (!topics.find(partition.topic)) topics.set(partition.topic, Json::object());
        topics.find(partition.topic)->members().emplace_back(std::to_string(partition.number), Json::array(std::move(numbers)));
    }
    return printJsonLine(topics);
}

Result<KafkaPositions> positionsOf(std::string_view text)
{
    KafkaPositions positions;
    const auto read = readJson(text);
    const Json* topics = std::get_if<Json>(&read);
    if (!topics || !topics->isObject()) return damaged(text);
    for (const auto& [topic, partitions] : topics->members()) {
        for (const auto& [name, list] : partitions.members()) {
            int32_t number = 0;
            const auto numbers = integersOf(list);
            if (std::from_chars(name.data(), name.data() + name.size(), number).ec != std::errc() || !numbers || (numbers->size() != 1 && numbers->size() != 4)) return damaged(text);
            KafkaPosition& position = positions[{topic, number}];
            position.next = numbers->front();
            if (numbers->size() == 4) position.last = KafkaLast{(*numbers)[1], (*numbers)[2], (*numbers)[3]};
        }
    }
    return positions;
}

std::string slicesText(const std::vector<KafkaSlice>& slices)
{
    Json list = Json::array();
    for (const KafkaSlice& slice : slices) {
        list.items().push_back(Json::array({Json::string(slice.partition.topic), Json::integer(slice.partition.number), Json::integer(slice.from), Json::integer(slice.until)}));
    }
    return printJsonLine(list);
}

Result<std::vector<KafkaSlice>> slicesOf(std::string_view text)
{
    std::vector<KafkaSlice> slices;
    if (text.empty()) return slices;
    const auto read = readJson(text);
    const Json* list = std::get_if<Json>(&read);
    if (!list || !list->isArray()) return damaged(text);
    for (const Json& item : list->items()) {
        if (!item.isArray() || item.items().size() != 4 || !item.items()[0].isString()) return damaged(text);
        const auto number = item.items()[1].asInteger(), from = item.items()[2].asInteger(), until = item.items()[3].asInteger();
        if (!number || !from || !until) return damaged(text);
        slices.push_back({{item.items()[0].asString(), static_cast<int32_t>(*number)}, *from, *until});
    }
    return slices;
}

std::vector<int64_t> shareByLag(const std::vector<int64_t>& lags, int64_t limit)
{
    const int64_t all = std::accumulate(lags.begin(), lags.end(), int64_t{0});
    if (all <= limit) return lags;
    // By the exact share, rounded down; what is left goes to the largest remainders, those without any first.
    std::vector<int64_t> shares(lags.size(), 0);
    std::vector<size_t> order(lags.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<double> rest(lags.size());
    int64_t left = limit;
    for (size_t i = 0; i < lags.size(); ++i) {
        const double exact = static_cast<double>(limit) * static_cast<double>(lags[i]) / static_cast<double>(all);
        shares[i] = std::min(lags[i], static_cast<int64_t>(exact));
        rest[i] = exact - static_cast<double>(shares[i]) + (shares[i] == 0 && lags[i] > 0 ? 1 : 0);
        left -= shares[i];
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rest[a] > rest[b]; });
    while (left > 0) {
        for (const size_t i : order) {
            if (left == 0) break;
            if (shares[i] == lags[i]) continue;
            ++shares[i];
            --left;
        }
    }
    return shares;
}

std::string describePartition(const KafkaPartition& partition) { return fmt::format("partition {} of {}", partition.number, partition.topic); }

}
