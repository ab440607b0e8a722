// The value of one key in every epoch that changed it, in a window of its own. UI thread.
#pragma once
#include "widgets/session/run_controller.h"

class QWidget;

namespace streamwright {

void showKeyHistory(QWidget* parent, RunController& run, const StateQuery& state, const QString& key);

}
