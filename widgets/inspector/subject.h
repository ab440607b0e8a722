// What a form edits: options of one node or of several at once, or the settings of the pipeline. Reads and writes
// through the document, whose commands are the truth. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/inspector/field_scope.h"

#include <QPointer>

namespace streamwright {

class Subject : public FieldScope {
public:
    Subject(PipelineDocument& document, RunController* run) : document_(document), run_(run) {}

    PipelineDocument& document() const { return document_; }
    virtual std::vector<FieldSpec> fields() const = 0;
    // None: left out, or several nodes that differ.
    virtual std::optional<Json> value(const std::string& field) const = 0;
    virtual bool differs(const std::string&) const { return false; }
    // One command; keystrokes in a field are one too.
    virtual void write(const std::string& field, const std::optional<Json>& value) = 0;
    virtual Diagnostics problems(const std::string& field) const = 0;

    Json parameters() const override { return document_.document().parameters; }
    std::filesystem::path folder() const override { return document_.folder(); }
    RunController* run() const override { return run_; }

private:
    PipelineDocument& document_;
    QPointer<RunController> run_;
};

// At least one node, each in the document. Their common fields; of one node also options that its type does not
// have, so that they can be seen and removed.
std::unique_ptr<Subject> nodeSubject(PipelineDocument& document, RunController* run, std::set<NodeId> nodes);
std::unique_ptr<Subject> settingsSubject(PipelineDocument& document, RunController* run);

}
