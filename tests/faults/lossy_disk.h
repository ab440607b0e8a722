// A disk that forgets: replays the journal of a run (write_journal.h) up to a moment and then loses power.
// What was synced stays; of the rest, bytes are kept, dropped or torn, each write by itself, and the last
// changes of names in a folder are undone. A folder's names change in order, as journaling file systems do it.
#pragma once
#include "tests/faults/write_journal.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace streamwright {

struct JournalLine {
    DiskEntry entry;
    std::string path, to, data;
};

inline std::vector<JournalLine> readJournal(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::vector<JournalLine> lines;
    for (size_t at = 0; at + sizeof(DiskEntry) <= bytes.size();) {
        JournalLine& line = lines.emplace_back();
        std::memcpy(&line.entry, bytes.data() + at, sizeof line.entry);
        at += sizeof line.entry;
        for (auto [text, size] : {std::pair(&line.path, line.entry.path), std::pair(&line.to, line.entry.to), std::pair(&line.data, line.entry.data)}) {
            *text = bytes.substr(at, size);
            at += size;
        }
    }
    return lines;
}

class LossyDisk {
public:
    // Begins with what lies in the folder, all of it durable.
    explicit LossyDisk(std::filesystem::path folder) : folder_(std::move(folder)), root_(std::make_shared<Node>()) { load(folder_, *root_); }

    void replay(const JournalLine& line)
    {
        switch (line.entry.step) {
        case DiskStep::Create: files_[line.entry.inode] = link(line.path, std::make_shared<Node>(Node{.isFile = true})); break;
        case DiskStep::Open:
            if (const NodePtr file = find(line.path)) files_[line.entry.inode] = file;
            break;
        case DiskStep::Write:
        case DiskStep::Truncate: {
            Node& file = *files_.at(line.entry.inode);
            change(file.bytes, line);
            file.unsynced.push_back(line);
            break;
        }
        case DiskStep::Sync: {
            Node& file = *files_.at(line.entry.inode);
            file.durable = file.bytes;
            file.unsynced.clear();
            break;
        }
        case DiskStep::SyncFolder:
            if (const NodePtr folder = find(line.path)) {
                folder->durableNames = folder->names;
                folder->renames.clear();
            }
            break;
        case DiskStep::MakeFolder: link(line.path, std::make_shared<Node>()); break;
        case DiskStep::RemoveFolder:
        case DiskStep::Unlink: unlink(line.path); break;
        case DiskStep::Rename: rename(line.path, line.to); break;
        }
    }

    // The power goes. `mercy` from 0 (all that was not synced is lost) to 1 (nothing is).
    void losePower(std::mt19937& random, double mercy) { lose(*root_, random, mercy); }

    void writeTo(const std::filesystem::path& folder) const { write(*root_, folder); }

private:
    struct Node;
    using NodePtr = std::shared_ptr<Node>;
    using Names = std::map<std::string, NodePtr>;
    struct Node {
        bool isFile = false;
        std::string bytes, durable;
        std::vector<JournalLine> unsynced;
        Names names, durableNames;
        std::vector<Names> renames;     // what the folder held after each change since it was synced
    };

    static void load(const std::filesystem::path& path, Node& folder)
    {
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            auto node = std::make_shared<Node>();
            if (entry.is_directory()) {
                load(entry.path(), *node);
            } else {
                std::ifstream in(entry.path(), std::ios::binary);
                node->isFile = true;
                node->bytes = node->durable = std::string((std::istreambuf_iterator<char>(in)), {});
            }
            folder.names[entry.path().filename().string()] = node;
        }
        folder.durableNames = folder.names;
    }

    static void change(std::string& bytes, const JournalLine& line)
    {
        const auto at = static_cast<size_t>(line.entry.at);
        if (line.entry.step == DiskStep::Truncate) {
            bytes.resize(at);
            return;
        }
        if (bytes.size() < at + line.data.size()) bytes.resize(at + line.data.size());
        bytes.replace(at, line.data.size(), line.data);
    }

    NodePtr find(const std::filesystem::path& path) const
    {
        NodePtr node = root_;
        for (const auto& part : path.lexically_relative(folder_)) {
            if (part == ".") continue;
            const auto child = node->names.find(part.string());
            if (child == node->names.end()) return nullptr;
            node = child->second;
        }
        return node;
    }
    Node& parent(const std::filesystem::path& path) const { return *find(path.parent_path()); }

    NodePtr link(const std::filesystem::path& path, NodePtr node)
    {
        Node& folder = parent(path);
        folder.names[path.filename().string()] = node;
        folder.renames.push_back(folder.names);
        return node;
    }
    void unlink(const std::filesystem::path& path)
    {
        Node& folder = parent(path);
        folder.names.erase(path.filename().string());
        folder.renames.push_back(folder.names);
    }
    // One change when both names are in one folder.
    void rename(const std::filesystem::path& from, const std::filesystem::path& to)
    {
        const NodePtr node = find(from);
        if (from.parent_path() != to.parent_path()) {
            link(to, node);
            unlink(from);
            return;
        }
        Node& folder = parent(from);
        folder.names.erase(from.filename().string());
        folder.names[to.filename().string()] = node;
        folder.renames.push_back(folder.names);
    }

    static void lose(Node& node, std::mt19937& random, double mercy)
    {
        const auto chance = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
        if (node.isFile) {
            std::string bytes = node.durable;
            for (JournalLine line : node.unsynced) {
                if (chance() >= mercy) continue;
                if (line.entry.step == DiskStep::Write && chance() < 0.3) line.data.resize(random() % (line.data.size() + 1));
                change(bytes, line);
            }
            node.bytes = std::move(bytes);
            return;
        }
        size_t kept = 0;
        while (kept < node.renames.size() && chance() < mercy) ++kept;
        node.names = kept == 0 ? node.durableNames : node.renames[kept - 1];
        for (auto& [name, child] : node.names) lose(*child, random, mercy);
    }

    static void write(const Node& node, const std::filesystem::path& path)
    {
        if (node.isFile) {
            std::ofstream out(path, std::ios::binary);
            out.write(node.bytes.data(), static_cast<std::streamsize>(node.bytes.size()));
            return;
        }
        std::filesystem::create_directories(path);
        for (const auto& [name, child] : node.names) write(*child, path / name);
    }

    std::filesystem::path folder_;
    NodePtr root_;
    std::map<uint64_t, NodePtr> files_;
};

}
