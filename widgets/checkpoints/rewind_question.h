// The question before a checkpoint goes back. UI thread.
#pragma once
#include "engine/control/session.h"

#include <functional>

class QWidget;

namespace streamwright {

class RunController;

// Says what going back means for every source and sink, and goes back if the user agrees. Cancel is the default
// where a source cannot be read again.
void askToRewind(QWidget* parent, RunController& run, Epoch epoch, const std::function<void()>& whenDone);

}
