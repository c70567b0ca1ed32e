"""What the experiments of tools/reproduce are run in, wells and the assays of the tissue: scenarios, and what is read off them."""
from dataclasses import dataclass

from papers import arms

# The one place that says how a read-out of the wells is read in tissue. mig_index, inv_index and survival_24h are computed off the
# network; in tissue they are net displacement at two pore sizes, cells below a membrane, and the share of cells that live without
# matrix: only places and survival count. Every other read-out is a level in the cell, and the same level is read in cells that crawl
# through collagen. A row whose source tells of something else (a tumour, foci, osteolysis) names its assay: `tissue`.
IN_TISSUE = {"mig_index": ("1.7 mg/ml", "1.0 mg/ml"), "inv_index": ("transwell",), "survival_24h": ("detached",)}
CURVE_EVERY_H = 8


@dataclass(frozen=True)
class Assay:
    about: str                   # on the page
    cells: int
    quick_cells: int
    yaml: str
    hours: int = 0               # 0: the row's own
    quick_hours: int = 0
    extends: tuple = ()
    place: str = ""              # none: the assay's own
    columns: tuple = ()          # none: what the row reads
    value: callable = lambda level: level   # of the columns
    genotype: bool = True        # what is done is part of the start; else it begins at 0 h
    step_min: float = 1         # of walk, contacts, factors and matrix: the walk is exact at any step, cells move less than 1 um in it
    quick_step_min: float = 3
    animals: int = 1            # runs whose counts are added to one value, as of a cohort: a seed is one of these values
    # Between two solutions for oxygen, which changes in an organ as its cells multiply; a cell of 30 um/h moves less than a voxel of
    # it in half an hour.
    oxygen_min: float = 6
    processes: str = ""         # constants of processes that differ from the defaults
    note: str = ""              # on the page, beside each of its rows


COLLAGEN = ("matrices/collagen_1.7.yaml", "fields/mmp.yaml")
# A primary site that stays empty, and the organs.
INJECTED = "domain: {size: [100 um, 100 um, 100 um], voxel: 20 um}\nmatrix: none\n"
LUNG = INJECTED + "circulation: {lodging: {lung: 0.95}}\nsecondary_sites:\n  lung: {extends: sites/lung.yaml}\n"
ORGANS = (INJECTED + "circulation: {lodging: {bone: 0.3, lung: 0.95}}\nsecondary_sites:\n  lung: {extends: sites/lung.yaml}\n"
          "  bone: {extends: sites/bone.yaml}\n")
BOTH_ORGANS = ("lung.burden", "bone.burden")
# As in scenarios/lung_foci.yaml: what grows in an organ stays together.
GROWING = "cell_types: {CONTEXT: {life: {doubling: 60 h}, response: {speed: {scale: 3 um/h}}}}\n"
# As scenarios/xenograft.yaml, with oxygen from the tissue around: cells of a tumour that hardly move.
XENOGRAFT = ("domain: {size: [400 um, 400 um, 400 um], voxel: 20 um}\n"
             "matrix: {regions: {bed: {shape: {sphere: {centre: [200 um, 200 um, 200 um], radius: 68 um}}, density: 0.5 mg/ml, "
             "tissue: bed}}}\ncell_types: {CONTEXT: {response: {speed: {scale: 3 um/h}}}}\n")


def single_cells(density):
    return f"assay: {{kind: single_cells}}\nmatrix: {{density: {density} mg/ml}}\ndomain: {{size: [EDGE um, EDGE um, EDGE um]}}\n"


def metastasis(about, hours, yaml, columns, value, cells=4500, quick_cells=300, step_min=2, animals=1, oxygen_min=30, note="",
               processes=""):
    return Assay(about, cells, quick_cells, yaml, hours, hours, (), "circulation", columns, value, step_min=step_min,
                 quick_step_min=max(step_min, 6), oxygen_min=oxygen_min, animals=animals, note=note, processes=processes)


ALIVE = ("Cells alive, not foci: in the lung the chance to begin does not depend on the state of a cell, so that foci are a thinned count "
         "of them, and too few to tell small effects apart (T34 to T36 and Z25 to Z27 count colonies).")


def net_displacement(density):
    return Assay(f"net displacement in collagen of {density} mg/ml (µm)", 200, 40, single_cells(density), 24, 12, COLLAGEN,
                 columns=("net_displacement_um_mean",))


ASSAYS = {
    # Nothing but signalling, without noise.
    "wells": Assay("wells", 1, 1, "assay: {kind: wells}\n", genotype=False),
    # A level of the cell: how finely its way is cut does not matter.
    "collagen": Assay("mean of the cells that crawl through collagen", 200, 40, single_cells("1.7"), 0, 0, COLLAGEN,
                      genotype=False, step_min=2, quick_step_min=12),
    "1.7 mg/ml": net_displacement("1.7"),
    "1.0 mg/ml": net_displacement("1.0"),
    "transwell": Assay("cells below the membrane of a transwell", 200, 40, "assay: {kind: transwell}\n", 48, 24, COLLAGEN,
                       columns=("invaded",)),
    "detached": Assay("share of detached cells that is alive", 200, 60, "assay: {kind: detached}\n", 24, 24,
                      columns=("alive_fraction",)),
    "xenograft": Assay("volume of the tumour (µm³)", 200, 60, XENOGRAFT, 144, 72,
                       ("matrices/collagen_6.yaml", "fields/oxygen.yaml"),
                       "{sphere: {centre: [200 um, 200 um, 200 um], radius: 64 um}}", ("front_volume_um3",), step_min=2),
    "lung_foci": metastasis("cells alive in the lung", 72, LUNG, ("lung.burden",), lambda lung: lung, note=ALIVE),
    # Colonies of eight take three doublings from the third to tenth day on. Cells of 3 um/h move less than 1 um in a step.
    "lung_colonies": metastasis("colonies of eight and more cells in the lung", 504, LUNG + GROWING, ("lung.colonies",), lambda lung: lung,
                                quick_cells=1500, step_min=12, animals=3, oxygen_min=120),
    # Therapies, as scenarios/sweeps/lung_foci_therapies.yaml and triple_therapy_in_organs.yaml have them.
    "treated_lung": metastasis("cells alive in the lung after five days", 120, LUNG + GROWING, ("lung.burden",), lambda lung: lung,
                               cells=1500, step_min=12, animals=3, oxygen_min=120, note=ALIVE),
    # Levels, once the cells have been there for a week and more.
    "lung_ecadherin": metastasis("E-cadherin of the cells in the lung after ten days", 240, LUNG + GROWING, ("lung.ecadherin_mean",),
                                 lambda level: level, cells=600, step_min=12, oxygen_min=120),
    "lung_pakt": metastasis("pAKT of the cells in the lung after ten days", 240, LUNG + GROWING, ("lung.pakt_mean",),
                            lambda level: level, cells=600, step_min=12, oxygen_min=120),
    "treated_organs": metastasis("cells alive in bone and lung after ten days", 240, ORGANS + GROWING, BOTH_ORGANS,
                                 lambda *both: sum(both), cells=600, step_min=12, animals=3, oxygen_min=120),
    "bone_and_lung": metastasis("cells alive in bone and lung", 96, ORGANS, BOTH_ORGANS, lambda *both: sum(both)),
    # Metastases, not cells on the way: those that have begun to grow, once all have decided. Few do, and it must be shown that a ratio of
    # ratios does not change: all are five times as likely to, which cancels, and a seed is four animals (more cells in one are another
    # experiment: src/README.md). Steps in which cells of organs move less than 2 um.
    "bone_over_lung": metastasis("cells that have begun to grow in bone over those in lung", 264,
                                 ORGANS, ("lung.initiated", "bone.initiated"), lambda lung, bone: bone / max(lung, 1), step_min=6,
                                 animals=4, processes="colonisation: {initiation: 0.1}",
                                 note="Begun to grow, not alive: of the cells alive then most wait or sleep, in either organ alike."),
    # Few enough that bone is left.
    "osteolysis": metastasis("TGFβ that resorbed bone has freed", 192, ORGANS, ("bone.tgfb_secreted",), lambda freed: freed,
                             cells=1500, step_min=0.5),
}


@dataclass(frozen=True)
class Experiment:
    """Cells of one kind in one assay; rows differ in arms and in what they read, and share the arms that they have in common."""
    assay: str
    context: str
    branch: str     # "": the context's own
    hours: int

    def folder(self):
        return "_".join([self.context, *filter(None, [self.branch]), f"{self.hours}h"])


def experiment_of(row, assay, quick):
    own = ASSAYS[assay]
    hours = (own.quick_hours if quick else own.hours) or row["hours"]
    return Experiment(assay, row["context"], row.get("branch", ""), hours)


def assays_of(row):
    """The assays that decide a row in tissue."""
    return (row["tissue"],) if "tissue" in row else IN_TISSUE.get(row["read"], ("collagen",))


def steps_of(experiment, quick):
    own = ASSAYS[experiment.assay]
    if experiment.assay == "wells":  # the reference's own step
        return f"steps: {{signalling: {3 if experiment.hours <= 100 else 6} min}}\n"
    step, least = (own.quick_step_min, 6) if quick else (own.step_min, 1)
    return (f"steps: {{motion: {step:g} min, fields: {min(step, 6):g} min, matrix: {max(step, least):g} min}}\n"
            f"processes: {{transport: {{steady_every: {30 if quick else own.oxygen_min:g} min}}{', ' if own.processes else ''}{own.processes}}}\n")


def cells_of(experiment, quick, small_effects):
    """`small_effects`: an effect must be absent, or effects are compared. Where cells are counted that takes four times as many: 200
    of which a fifth invades resolve 30 % over eight seeds (biology.md 4). Half as many cells where a row lasts longer than a week."""
    own = ASSAYS[experiment.assay]
    cells = own.quick_cells if quick else own.cells
    if own.columns == ("invaded",) and small_effects:
        return 4 * cells
    return cells // 2 if not own.hours and experiment.hours > 168 and cells > 100 else cells


def animals_of(experiment, quick):
    return 1 if quick else ASSAYS[experiment.assay].animals


def edge_um(cells):
    """Of a box for single cells: 1.6 million of them in a ml, in whole voxels."""
    return 20 * round((cells / 1.6e-6) ** (1 / 3) / 20)


def columns_of(experiment, read):
    return ASSAYS[experiment.assay].columns or (read,)


def scenario(experiment, treatments, cells, steps, series_h, more=""):
    """One perturbation per treatment, of which a sweep switches on those of an arm. `steps`, `more`: YAML."""
    own = ASSAYS[experiment.assay]
    branch = f", initial_state: {{branch: {experiment.branch}}}" if experiment.branch else ""
    place = f", place: {own.place}" if own.place else ""
    acting = "".join(f"  {t.name()}: {{knobs: {{{t.knobs}}}, fraction: 1{t.when(own.genotype)}}}\n" for t in treatments)
    files = ", ".join([f"cells/{experiment.context}.yaml", *own.extends])
    return (f"schema: 1\nname: '{experiment.context}, {own.about}'\nduration: {experiment.hours} h\nextends: [{files}]\n"
            f"population:\n  cells: {{type: {experiment.context}, count: {cells}{place}{branch}}}\n"
            + (f"perturbations:\n{acting}" if acting else "") +
            f"output: {{series: {series_h} h, snapshots: off, checkpoints: off}}\n{steps}"
            + own.yaml.replace("CONTEXT", experiment.context).replace("EDGE", str(edge_um(cells))) + more)
