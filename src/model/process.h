// The interface of everything that changes the World.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/param.h"
#include "model/columns.h"
#include "model/world.h"

namespace invado {

// One call of a process: which step, and how long it lasts.
struct Tick {
  Seed seed;
  std::uint32_t step = 0;  // tick index at the start of the interval; addresses chance
  double time_min = 0;     // at the start of the interval
  double dt_min = 0;       // length of the interval
};

// A process has no memory: apply is const, and whatever lasts longer than one call lives in World. Parameters are
// set once, before the start, through describe and describe_type.
class Process {
 public:
  virtual ~Process() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // Names of the cell columns (model/columns.h), "matrix" or "fields" that apply may change in the World for which the
  // process was configured. Checked by a test. Other columns may be folded (base/foldable.h).
  [[nodiscard]] virtual std::vector<std::string_view> writes() const = 0;
  // The same for start: of a process that starts nothing, none.
  [[nodiscard]] virtual std::vector<std::string_view> fills() const { return {}; }
  [[nodiscard]] virtual std::vector<std::string_view> reads() const = 0;

  // Parameters under `processes.<name>`.
  virtual void describe(ParamVisitor&) {}
  // The number of cell types, before describe_type is called for each.
  virtual void resize_types(std::size_t) {}
  // Parameters under `cell_types.<type>`: the process visits its own sections there.
  virtual void describe_type(ParamVisitor&, std::size_t /*type*/) {}
  // The scenario says `off`. True: it is simply never applied. A process that others rely on changes its ways instead
  // and returns false: mechanics without contacts still moves the cells.
  [[nodiscard]] virtual bool switch_off() { return true; }
  // Whether the process has anything to do in this World, of which all is there but the cells. False: it is never applied.
  [[nodiscard]] virtual bool needed(const World&) const { return true; }
  // Once, after all parameters are read and before the start: what the process owes to the shared description of the
  // types (World::types), and constants folded from the parameters. World has types, domain, fields, no cells.
  virtual void configure(World&) {}

  // Bring the founders to places where they can stay. Called for every process before any start().
  virtual void settle(World&) const {}
  // The start of a run, called for every process in schedule order.
  void start(World& world) const {
    for (Site& site : world.sites) spread_columns(site.cells, fills());
    start_places(world);
    for (Site& site : world.sites) start_cells(world, site, 0);
  }
  // What places are like at t = 0: soluble factors, contacts.
  virtual void start_places(World&) const {}
  // Fill the columns that the process owns for the cells from row `first` on: all founders at t = 0, later those that have
  // just come.
  virtual void start_cells(const World&, Site&, std::size_t /*first*/) const {}
  // Advance by one interval.
  virtual void apply(World&, const Tick&) const = 0;
  // A daughter was appended at row `daughter` by division of row `mother` (all columns copied; id, parent, position and
  // radius already set): share or redraw what is not simply copied. Called at commit, in mother-id order.
  virtual void inherit(const World&, Site&, std::size_t /*mother*/, std::size_t /*daughter*/, const Tick&) const {}
};

// A process in which sites know nothing of each other: it may be applied to some of them only, and to several at once by
// different threads. What is shared in World it reads, or adds to as `Diagnostics` says.
class SiteProcess : public Process {
 public:
  void apply(World& world, const Tick& tick) const final {
    thread_local std::vector<Site*> all;
    all.clear();
    for (Site& site : world.sites) all.push_back(&site);
    apply_to(world, all, tick);
  }
  // Advance these sites of the world by one interval.
  virtual void apply_to(World&, std::span<Site* const>, const Tick&) const = 0;
};

}  // namespace invado
