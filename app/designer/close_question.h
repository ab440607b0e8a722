// What the window asks before something could be lost. Esc never discards: it is always Cancel, or keeps ours.
#pragma once
#include <QString>

class QWidget;

namespace streamwright {

class PipelineDocument;
class PipelineTab;

enum class SaveAnswer : unsigned char { Save, Discard, Cancel };
SaveAnswer askToSave(QWidget* parent, const QString& name);

// Stops the run, or lets it go on without us where it can; false: the user wants to stay.
bool askToStop(QWidget* parent, PipelineTab& tab);

enum class ChangedFile : unsigned char { KeepOurs, TakeTheirs, KeepBoth };
ChangedFile askAboutChangedFile(QWidget* parent, const PipelineDocument& document);

// Shows what a restart does to the state of every node, and restarts if the user agrees.
void askToRestart(QWidget* parent, PipelineTab& tab);

// Work that a crash left in a journal.
enum class RecoverAnswer : unsigned char { Recover, Discard, Later };
RecoverAnswer askToRecover(QWidget* parent, const QString& name, size_t changes);

}
