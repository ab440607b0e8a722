// Small windows of the checkpoint browser. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QString>

class QWidget;

namespace streamwright {

class EpochModel;
class RunController;

// Says what going back means for every source and sink, and goes back if the user agrees. Cancel is the default
// where a source cannot be read again.
void askToRewind(QWidget* parent, RunController& run, Epoch epoch);

// The value of one key in every epoch that is kept.
void showKeyHistory(QWidget* parent, RunController& run, const EpochModel& epochs, StateQuery query, const QString& key);

// Empty, or what went wrong.
QString writeCsv(const Grid& grid, const QString& path);

}
