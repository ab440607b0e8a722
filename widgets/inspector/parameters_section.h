// The parameters of a pipeline: name and value of each, to add, change and remove. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/inspector/editors/field_editor.h"
#include "widgets/inspector/problem_list.h"

#include <QBoxLayout>
#include <QLineEdit>

namespace streamwright {

class ParametersSection : public QWidget {
    Q_OBJECT

public:
    ParametersSection(PipelineDocument& document, QWidget* parent);
    void refresh();
    void refreshChecked();
    // False if there is no such parameter.
    bool reveal(const std::string& name);

private:
    struct Row {
        std::string name;
        QWidget* line = nullptr;
        QLineEdit* field = nullptr;
        FieldEditor* value = nullptr;
        ProblemList* problems = nullptr;
    };
    void rebuild();
    void addRow(const std::string& name);
    void add();
    void rename(const std::string& from, QLineEdit* field);
    void writeValue(const std::string& name, const std::optional<Json>& value);

    PipelineDocument& document_;
    FieldScope scope_;
    QVBoxLayout* rows_;
    std::vector<Row> shown_;
};

}
