// The engine speaks English and knows no Qt: its sentences come with their arguments inserted. A translation file has the
// sentences with places (%1, %2 …) and, under "sentences", the list of them: the one that fits gives the arguments back.
// tests/designer/extract_texts.py makes such a file.
#include "widgets/theme/names.h"

#include <QCoreApplication>
#include <QHash>
#include <QRegularExpression>

namespace streamwright {

namespace {

QString known(const QString& english) { return QCoreApplication::translate("engine", english.toUtf8().constData()); }

const QRegularExpression& place()
{
    static const QRegularExpression expression(QStringLiteral("%(\\d+)"));
    return expression;
}

// "%1 must be at least %2" as an expression that fits "port must be at least 1".
QRegularExpression fitting(const QString& sentence)
{
    QString pattern;
    qsizetype at = 0;
    for (auto found = place().globalMatch(sentence); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        pattern += QRegularExpression::escape(sentence.mid(at, match.capturedStart() - at)) + QStringLiteral("(.*?)");
        at = match.capturedEnd();
    }
    pattern += QRegularExpression::escape(sentence.mid(at));
    return QRegularExpression(QRegularExpression::anchoredPattern(pattern), QRegularExpression::DotMatchesEverythingOption);
}

qsizetype lettersOf(QString sentence) { return sentence.remove(place()).size(); }

// What an argument says itself is no place for another.
QString filled(const QString& translated, const QStringList& arguments)
{
    QString text;
    qsizetype at = 0;
    for (auto found = place().globalMatch(translated); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        text += translated.mid(at, match.capturedStart() - at) + arguments.value(match.captured(1).toInt(), match.captured());
        at = match.capturedEnd();
    }
    return text + translated.mid(at);
}

class Sentences {
public:
    explicit Sentences(QString language) : language_(std::move(language))
    {
        QStringList all = known(QStringLiteral("sentences")).split(QLatin1Char('\n'));
        // Of several that fit, the one that says most itself.
        std::stable_sort(all.begin(), all.end(), [](const QString& a, const QString& b) { return lettersOf(a) > lettersOf(b); });
        for (const QString& one : all) sentences_.emplace_back(one, fitting(one));
    }
    const QString& language() const { return language_; }

    QString translated(const QString& english)
    {
        if (const auto found = told_.constFind(english); found != told_.constEnd()) return *found;
        const QString text = look(english);
        if (told_.size() > kMostTold) told_.clear();
        return *told_.insert(english, text);
    }

private:
    QString look(const QString& english)
    {
        for (const auto& [sentence, expression] : sentences_) {
            const QRegularExpressionMatch match = expression.match(english);
            if (match.hasMatch()) return filled(known(sentence), match.capturedTexts());
        }
        // "batch_interval: …" has a sentence behind a name.
        static const QRegularExpression named(QStringLiteral("^([\\w.]+: )(.+)$"), QRegularExpression::DotMatchesEverythingOption);
        const QRegularExpressionMatch match = named.match(english);
        return match.hasMatch() ? match.captured(1) + engineText(match.captured(2).toStdString()) : english;
    }

    static constexpr qsizetype kMostTold = 2000;
    QString language_;
    std::vector<std::pair<QString, QRegularExpression>> sentences_;
    QHash<QString, QString> told_;      // the same problems are shown again and again
};

}

QString engineText(const std::string& english)
{
    if (english.empty()) return {};
    const QString whole = QString::fromStdString(english), found = known(whole);
    static const QString kLanguage = QStringLiteral("language");
    const QString language = known(kLanguage);
    // Without a translation, and in the pseudo language, there are no sentences.
    if (found != whole || language == kLanguage) return found;
    static Sentences sentences(language);
    if (sentences.language() != language) sentences = Sentences(language);
    return sentences.translated(whole);
}

QString engineText(const Error& error)
{
    return error.hint.empty() ? engineText(error.message) : engineText(error.message) + QStringLiteral(": ") + engineText(error.hint);
}

}
