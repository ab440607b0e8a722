#include "app/designer/pseudo_locale.h"

namespace streamwright {

namespace {

constexpr double kLonger = 0.4;
constexpr QChar kFiller = u'~';
constexpr qsizetype kWord = 12;

QChar accented(QChar letter)
{
    static const QHash<QChar, QChar> letters{{u'a', u'å'}, {u'c', u'ç'}, {u'e', u'é'}, {u'i', u'î'}, {u'n', u'ñ'}, {u'o', u'ö'}, {u's', u'š'}, {u'u', u'ü'}, {u'y', u'ý'}, {u'z', u'ž'},
                                             {u'A', u'Å'}, {u'C', u'Ç'}, {u'E', u'É'}, {u'I', u'Î'}, {u'N', u'Ñ'}, {u'O', u'Ö'}, {u'S', u'Š'}, {u'U', u'Ü'}, {u'Y', u'Ý'}, {u'Z', u'Ž'}};
    return letters.value(letter, letter);
}

// How many characters from `at` on stay as they are: an argument, a mnemonic, markup; 0: none.
qsizetype keptLength(const QString& text, qsizetype at)
{
    const auto is = [&](qsizetype place, QChar wanted) { return place < text.size() && text[place] == wanted; };
    if (is(at, u'&')) return 2;
    if (is(at, u'<')) return std::max<qsizetype>(0, text.indexOf(u'>', at) - at + 1);
    if (!is(at, u'%')) return 0;
    qsizetype end = at + 1;
    if (is(end, u'L')) ++end;
    if (is(end, u'n')) return end + 1 - at;
    while (end < text.size() && text[end].isDigit()) ++end;
    return end - at;
}

}

QString pseudoText(const QString& english)
{
    if (english.trimmed().isEmpty()) return english;
    QString text;
    for (qsizetype at = 0; at < english.size();) {
        const qsizetype kept = keptLength(english, at);
        text += kept > 0 ? english.mid(at, kept) : QString(accented(english[at]));
        at += std::max<qsizetype>(kept, 1);
    }
    const auto more = std::max<qsizetype>(1, static_cast<qsizetype>(kLonger * static_cast<double>(english.size())) - 2);
    // In words, so that lines can break.
    QString filler(more, kFiller);
    for (qsizetype at = kWord; at + 1 < more; at += kWord + 1) filler[at] = u' ';
    return QChar(u'⟦') + text + filler + QChar(u'⟧');
}

QString PseudoLocale::translate(const char*, const char* text, const char*, int) const { return pseudoText(QString::fromUtf8(text)); }

}
