// The inspector: the form of what is selected, made from its declaration. One node: its title, name, options, ports
// and Verify; several: what they have in common; none: the pipeline's settings and parameters. Every change is a
// command of the document; the document holds what the fields show, right or wrong. UI thread only.
#pragma once
#include "widgets/inspector/form.h"
#include "widgets/inspector/help_pane.h"

#include <QPointer>
#include <QScrollArea>

namespace streamwright {

class NodeHeader;
class ParametersSection;
class PipelineHeader;
class SchemaSection;

class Inspector : public QWidget {
    Q_OBJECT

public:
    explicit Inspector(QWidget* parent = nullptr);
    ~Inspector() override;
    // Follows the document and run of another tab; null: none.
    void setDocument(PipelineDocument* document, RunController* run);
    // The form on show; null if there is none.
    Form* form() { return form_; }
    QSize sizeHint() const override { return {300, 640}; }

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Shown;                       // what the form was built for
    Shown wanted() const;
    void look();
    void rebuild();
    void addPart(QWidget* part);
    void buildNode(const NodeId& node);
    void buildNodes(const std::set<NodeId>& nodes);
    void buildPipeline();
    void addForm(std::unique_ptr<Subject> subject);
    void refreshChecked();
    void reveal(const QString& node, const QString& field);
    void followFocus(const QWidget* focus);
    void showHelpOfWhole();

    QPointer<PipelineDocument> document_;
    QPointer<RunController> run_;
    std::unique_ptr<Shown> shown_;
    QScrollArea scroll_;
    QWidget* page_ = nullptr;
    HelpPane help_;
    QPointer<Form> form_;
    QPointer<NodeHeader> header_;
    QPointer<PipelineHeader> pipeline_;
    QPointer<SchemaSection> schemas_;
    QPointer<ParametersSection> parameters_;
};

}
