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
    // One line that ends with dots where there is too little room for it: the whole text is its tooltip then.
    void setElided();

    // With word wrap a word that is longer than a line is broken too: a path or a name may be of any length.
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void dress();
    bool breaks() const { return wordWrap() && !(textInteractionFlags() & (Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard)); }
    QString shownText() const;

    TextRole role_;
    Tone tone_;
    bool bold_ = false, caption_ = false, elided_ = false;
};

// "OUTPUT": the small title of a part of the inspector.
ThemedLabel* sectionTitle(const QString& text, QWidget* parent);

}
