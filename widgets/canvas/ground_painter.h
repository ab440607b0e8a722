// Paints what lies under the wires: the dotted grid, frames and notes. UI thread.
#pragma once
#include "widgets/canvas/graph.h"

namespace streamwright {

void paintGrid(QPainter& painter, const QRectF& area, double scale);
void paintFrame(QPainter& painter, const FrameBox& frame, bool selected, double scale);
void paintNote(QPainter& painter, const NoteBox& note, bool selected, double scale);

}
