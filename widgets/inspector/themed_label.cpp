#include "widgets/inspector/themed_label.h"

#include "widgets/theme/theme_host.h"

namespace streamwright {

ThemedLabel::ThemedLabel(TextRole role, Tone tone, QWidget* parent) : QLabel(parent), role_(role), tone_(tone)
{
    // What files and messages say is shown as it is, never read as HTML.
    setTextFormat(Qt::PlainText);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &ThemedLabel::dress);
    dress();
}

void ThemedLabel::setTone(Tone tone)
{
    tone_ = tone;
    dress();
}

void ThemedLabel::setBold(bool bold)
{
    bold_ = bold;
    dress();
}

void ThemedLabel::setCaption()
{
    caption_ = true;
    dress();
}

void ThemedLabel::dress()
{
    const Theme& theme = Theme::current();
    const auto color = [&] {
        switch (tone_) {
        case Tone::Secondary: return theme.secondary;
        case Tone::Ok: return theme.ok;
        case Tone::Warning: return theme.warning;
        case Tone::Error: return theme.error;
        default: return theme.text;
        }
    };
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, color());
    setPalette(colors);
    QFont face = streamwright::font(role_);
    if (bold_ || caption_) face.setWeight(QFont::DemiBold);
    if (caption_) {
        face.setCapitalization(QFont::AllUppercase);
        face.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    }
    setFont(face);
}

ThemedLabel* sectionTitle(const QString& text, QWidget* parent)
{
    auto* label = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, parent);
    label->setCaption();
    label->setText(text);
    return label;
}

}
