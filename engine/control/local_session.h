// A session in this process: its runs have a thread of their own, questions are answered on others.
//
//   const Catalog catalog = builtInNodes();
//   std::unique_ptr<Session> session = localSession(catalog);
//
// When it is destroyed, every call that still waits is answered with an Error before the destructor returns,
// and a run that goes on is stopped at once: nothing is lost, what is not decided is run again by the next
// start. Answers that were handed to an executor may come later.
#pragma once
#include "engine/control/session.h"
#include "engine/dataflow/catalog.h"

namespace streamwright {

class LocalRun;

// `catalog` outlives the session.
std::unique_ptr<Session> localSession(const Catalog& catalog);
// Of a run that another prepares and executes (local_run.h), and of no other.
std::unique_ptr<Session> localSession(const Catalog& catalog, std::shared_ptr<LocalRun> run);

}
