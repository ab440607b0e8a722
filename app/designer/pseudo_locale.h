// A language that nobody speaks, 40 % longer than English: shows which texts are not translated, and what does not fit.
// `streamwright-designer --pseudo-locale`. UI thread.
#pragma once
#include <QTranslator>

namespace streamwright {

// "⟦Šåvé åš…~~~~⟧" of "Save as…". Arguments (%1, %n), mnemonics (&S), markup (<b>) and line ends stay what they are.
QString pseudoText(const QString& english);

class PseudoLocale : public QTranslator {
    Q_OBJECT

public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char* context, const char* text, const char* disambiguation, int count) const override;
};

}
