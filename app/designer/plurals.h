// English as Qt's sources write it, "%n node(s)", as a person writes it: "1 node", "2 nodes". UI thread.
#pragma once
#include <QTranslator>

namespace streamwright {

class Plurals : public QTranslator {
    Q_OBJECT

public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* text, const char*, int count) const override
    {
        const QString english = QString::fromUtf8(text);
        if (count < 0 || !english.contains(QLatin1String("(s)"))) return {};
        return QString(english).replace(QLatin1String("(s)"), count == 1 ? QString() : QStringLiteral("s"));
    }
};

}
