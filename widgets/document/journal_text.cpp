#include "widgets/document/journal_text.h"

#include "engine/pipeline/json.h"
#include "widgets/document/state_folder.h"

#include <QCoreApplication>
#include <QSysInfo>

namespace streamwright {

namespace {

constexpr const char* kFormat = "streamwright/1";
constexpr const char* kKinds[] = {"do", "merge", "undo", "redo"};

std::optional<Json> readObject(std::string_view line)
{
    auto read = readJson(line);
    Json* json = std::get_if<Json>(&read);
    if (!json || !json->isObject()) return std::nullopt;
    return std::move(*json);
}

std::string textOf(const Json& object, std::string_view key)
{
    const Json* value = object.find(key);
    return value && value->isString() ? value->asString() : std::string();
}

std::optional<ReadJournal> readBase(std::string_view line)
{
    const auto json = readObject(line);
    if (!json || textOf(*json, "journal") != kFormat) return std::nullopt;
    ReadJournal journal;
    journal.base = {textOf(*json, "file"), textOf(*json, "text")};
    if (json->find("base64")) journal.base.text = QByteArray::fromBase64(QByteArray::fromStdString(textOf(*json, "base64"))).toStdString();
    journal.host = textOf(*json, "host");
    if (const Json* process = json->find("process")) journal.process = process->asInteger().value_or(0);
    // What it stands on must be whole, or every change would land elsewhere.
    if (textOf(*json, "base") != hashOf(journal.base.text)) return std::nullopt;
    return journal;
}

std::optional<JournalEntry> readEntry(std::string_view line)
{
    const auto json = readObject(line);
    const Json* edit = json ? json->find("edit") : nullptr;
    if (!edit) return std::nullopt;
    auto read = readEdit(printJsonLine(*edit));
    if (!read) return std::nullopt;
    for (size_t kind = 0; kind < std::size(kKinds); ++kind) {
        if (!json->find(kKinds[kind])) continue;
        return JournalEntry{static_cast<JournalEntry::Kind>(kind), QString::fromStdString(textOf(*json, kKinds[kind])), std::move(*read)};
    }
    return std::nullopt;
}

}

std::string printJournalBase(const JournalBase& base)
{
    Json json = Json::object();
    json.set("journal", Json::string(kFormat));
    json.set("file", Json::string(base.file.string()));
    json.set("host", Json::string(QSysInfo::machineHostName().toStdString()));
    json.set("process", Json::integer(QCoreApplication::applicationPid()));
    json.set("base", Json::string(hashOf(base.text)));
    // Text that is no UTF-8 may not stand in JSON.
    const QByteArray bytes = QByteArray::fromStdString(base.text);
    if (bytes.isValidUtf8()) json.set("text", Json::string(base.text));
    else json.set("base64", Json::string(bytes.toBase64().toStdString()));
    return printJsonLine(json) + '\n';
}

std::string printJournalEntry(const JournalEntry& entry)
{
    return "{\"" + std::string(kKinds[static_cast<size_t>(entry.kind)]) + "\": " + quoteJson(entry.name.toStdString()) + ", \"edit\": " + printEdit(entry.edit) + "}\n";
}

Result<ReadJournal> readJournal(std::string_view text)
{
    size_t end = text.find('\n');
    auto journal = end == std::string_view::npos ? std::nullopt : readBase(text.substr(0, end));
    if (!journal) return permanent("this is no journal of a pipeline, or its first line is broken");
    journal->wholeBytes = static_cast<int64_t>(end + 1);
    for (size_t from = end + 1; (end = text.find('\n', from)) != std::string_view::npos; from = end + 1) {
        auto entry = readEntry(text.substr(from, end - from));
        if (!entry) break;
        journal->entries.push_back(std::move(*entry));
        journal->wholeBytes = static_cast<int64_t>(end + 1);
    }
    return std::move(*journal);
}

}
