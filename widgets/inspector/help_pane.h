// What the field with the focus is for, with its example: at the foot of the inspector, where it moves nothing.
// UI thread only.
#pragma once
#include "engine/pipeline/spec.h"
#include "widgets/inspector/themed_label.h"


namespace streamwright {

class HelpPane : public QWidget {
    Q_OBJECT

public:
    explicit HelpPane(QWidget* parent);
    void show(const QString& title, const QString& help, const QString& example = {});
    void showField(const FieldSpec& field);

private:
    ThemedLabel* title_;
    ThemedLabel* help_;
    ThemedLabel* example_;
};

}
