// The editor of one field: shows a value of the document and tells what a person makes of it, right or wrong.
// One class per way of editing; which kind of field gets which is the table in editors.cpp. UI thread only.
#pragma once
#include "widgets/inspector/field_scope.h"

#include <QWidget>

namespace streamwright {

class FieldEditor : public QWidget {
    Q_OBJECT

public:
    // The scope must outlive it.
    FieldEditor(FieldSpec spec, const FieldScope& scope, QWidget* parent) : QWidget(parent), spec_(std::move(spec)), scope_(scope) {}

    const FieldSpec& spec() const { return spec_; }
    const FieldScope& scope() const { return scope_; }
    // Whether it can show this value; else the form shows the JSON text.
    virtual bool takes(const Json& value) const = 0;
    // None: left out, the default counts. Tells nothing, and leaves the cursor alone if it shows that already.
    void show(const std::optional<Json>& value);
    // What is shown, byte for byte as it was given until a person changes it.
    const std::optional<Json>& value() const { return value_; }
    // What an empty editor says: the default, an example, or "different values".
    virtual void setPlaceholder(const QString& text) = 0;
    // The expression at the cursor, for the preview; empty if there is none.
    virtual QString expression() const { return {}; }
    // True: the editor says the field's title itself.
    virtual bool hasOwnTitle() const { return false; }

Q_SIGNALS:
    void edited();              // by a person: value() is another one
    void left();                // the focus has gone elsewhere
    void expressionChanged();   // or the cursor went to another one
    void helpWanted(const QString& title, const QString& help);     // of what is about to be completed

protected:
    virtual void display(const std::optional<Json>& value) = 0;
    void take(std::optional<Json> value);

private:
    FieldSpec spec_;
    const FieldScope& scope_;
    std::optional<Json> value_;
    bool shown_ = false;
};

// Text of a value where any JSON may stand: text as it is, unless it would read as something else.
QString plainText(const Json& value);
Json readPlainText(const QString& text);

}
