// The only place where populations change size.
#pragma once

#include <vector>

#include "model/world.h"

namespace invado {

// Rows of a mother and her new daughter after a commit.
struct Division {
  std::size_t mother;
  std::size_t daughter;
};

// Apply the queued births and departures of a site in cell-id order; both queues are empty afterwards. A cell that is
// queued both to divide and to leave leaves. The mother keeps id and track and moves by -offset, the daughter gets the
// next id, all columns of the mother, and moves by +offset; both stay inside a periodic box. Returns the divisions, in
// mother-id order, with rows as they are after the departures are gone.
std::vector<Division> commit(World& world, Site& site);

// Apply the queued passages of all sites: the cell arrives in the other site with all its columns but place, contacts,
// group, weight and what it does there, and is queued to depart from its own (commit() takes it out). Copies get the next
// ids. In the order of groups, of copies and of ids; a cell that is queued to die stays behind with its copies. Call before
// commit().
void pass_on(World& world);

// Founders that come to this site now are appended, in the order of World::newcomers; what processes own of them is still
// to be filled. Returns how many. Call after commit().
std::size_t let_in(World& world, Site& site);

// Notes that a cell of `site` has come to a stage of its way: counted in the ledger, kept for cascade.csv.
void note_stage(World& world, std::size_t site, const Population& cells, std::size_t row, Stage stage);

}  // namespace invado
