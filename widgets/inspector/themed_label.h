// A label whose colour and font follow the theme. UI thread only.
#pragma once
#include "widgets/theme/theme.h"

#include <QLabel>

namespace streamwright {

class ThemedLabel : public QLabel {
    Q_OBJECT

public:
    enum class Tone : unsigned char { Text, Secondary, Ok, Warning, Error };
    ThemedLabel(TextRole role, Tone tone, QWidget* parent);
    void setTone(Tone tone);
    void setBold(bool bold);
    void setCaption();      // small capitals of a title

private:
    void dress();

    TextRole role_;
    Tone tone_;
    bool bold_ = false, caption_ = false;
};

// "OUTPUT": the small title of a part of the inspector.
ThemedLabel* sectionTitle(const QString& text, QWidget* parent);

}
