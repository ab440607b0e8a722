#include "engine/nodes/windows/shared/window_frame.h"

#include <fmt/format.h>

namespace streamwright {

bool WindowFrame::holds(const BatchContext& context) const
{
    const int64_t since = (context.batchTime - context.zeroTime).micros % slide.micros;
    const int64_t untilNext = since == 0 ? 0 : slide.micros - since;
    return untilNext < length.micros;
}

static std::optional<FieldError> checkMultiple(const char* field, Duration value, Duration inputSlide)
{
    if (value.micros <= 0) return FieldError{field, fmt::format("{} must be longer than 0, but is {}", field, printDuration(value)), {}};
    if (inputSlide.micros <= 0 || value.micros % inputSlide.micros == 0) return std::nullopt;
    const Duration next{(value.micros / inputSlide.micros + 1) * inputSlide.micros};
    return FieldError{field, fmt::format("the input comes every {} and {} must be a multiple of that, but is {}", printDuration(inputSlide), field, printDuration(value)),
                      fmt::format("write for example \"{}\"", printDuration(next))};
}

Checked<WindowFrame> windowFrame(Duration length, const std::optional<Duration>& slide, const Inputs& in)
{
    // Without an interval the pipeline is refused for its trigger; any slide serves until then.
    const Duration usual = in.slide().micros > 0 ? in.slide() : seconds(1);
    const WindowFrame frame{length, slide.value_or(usual)};
    if (auto error = checkMultiple("length", frame.length, in.slide())) return *error;
    if (auto error = checkMultiple("slide", frame.slide, in.slide())) return *error;
    return frame;
}

FieldSpec lengthField()
{
    return {.name = "length", .help = "How far back the window reaches: a multiple of the batch interval, and of the slide of a window before this one.", .kind = FieldKind::Duration, .required = true, .example = Json::string("30s"), .effect = StateEffect::Keeps};
}

FieldSpec slideField()
{
    return {.name = "slide", .help = "How often the window is put out: as often as the input comes if left out (every batch interval, or every slide of a window before this one), else a multiple of that.", .kind = FieldKind::Duration, .example = Json::string("10s"), .effect = StateEffect::Keeps};
}

}
