#include "engine/nodes/windows/shared/window_frame.h"

#include <fmt/format.h>

namespace streamwright {

bool WindowFrame::holds(const BatchContext& context) const
{
    const int64_t since = (context.batchTime - context.zeroTime).micros % slide.micros;
    const int64_t untilNext = since == 0 ? 0 : slide.micros - since;
    return untilNext < length.micros;
}

static std::optional<FieldError> checkMultiple(const char* field, Duration value, Duration interval)
{
    if (value.micros <= 0) return FieldError{field, fmt::format("{} must be longer than 0, but is {}", field, printDuration(value)), {}};
    if (interval.micros <= 0 || value.micros % interval.micros == 0) return std::nullopt;
    const Duration next{(value.micros / interval.micros + 1) * interval.micros};
    return FieldError{field, fmt::format("{} must be a multiple of the batch interval {}, but is {}", field, printDuration(interval), printDuration(value)),
                      fmt::format("write for example \"{}\"", printDuration(next))};
}

Checked<WindowFrame> windowFrame(Duration length, const std::optional<Duration>& slide, const PlanContext& context)
{
    // Without an interval the pipeline is refused for its trigger; any slide serves until then.
    const Duration usual = context.batchInterval.micros > 0 ? context.batchInterval : seconds(1);
    const WindowFrame frame{length, slide.value_or(usual)};
    if (auto error = checkMultiple("length", frame.length, context.batchInterval)) return *error;
    if (auto error = checkMultiple("slide", frame.slide, context.batchInterval)) return *error;
    return frame;
}

FieldSpec lengthField()
{
    return {.name = "length", .help = "How far back the window reaches: a multiple of the batch interval.", .kind = FieldKind::Duration, .required = true, .example = Json::string("30s"), .effect = StateEffect::Keeps};
}

FieldSpec slideField()
{
    return {.name = "slide", .help = "How often the window is put out: a multiple of the batch interval, which it is if left out.", .kind = FieldKind::Duration, .example = Json::string("10s"), .effect = StateEffect::Keeps};
}

}
