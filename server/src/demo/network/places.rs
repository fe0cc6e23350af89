//! Where the company makes, stores and buys: plants, distribution centres, materials and their suppliers.

pub(super) struct Plant {
    pub name: &'static str,
    /// Conversion cost against the average plant.
    pub cost: f64,
}

pub(super) const PLANTS: [Plant; 3] =
    [Plant { name: "Lyon", cost: 1.05 }, Plant { name: "Leipzig", cost: 1.0 }, Plant { name: "Porto", cost: 0.88 }];

/// Distribution centres and the freight per m³ from Lyon, Leipzig and Porto.
pub(super) const CENTRES: [(&str, [f64; 3]); 3] =
    [("DC Duisburg", [19.0, 13.0, 34.0]), ("DC Orleans", [12.0, 21.0, 26.0]), ("DC Zaragoza", [18.0, 33.0, 14.0])];

pub(super) struct Material {
    pub name: &'static str,
    pub supplier: &'static str,
    pub cost: f64,
    pub lead_time: u32,
    /// What the supplier can deliver against what is normally needed.
    pub slack: f64,
    /// Premium price and share of normal need for expedited deliveries, where the supplier offers them.
    pub expedite: Option<(f64, f64)>,
}

const MATERIALS: [Material; 14] = [
    material("PET preform", "Plastipoint", 0.042, 1, 1.5, None),
    material("Can body", "Metalpack", 0.098, 2, 1.35, Some((1.35, 0.10))),
    material("Cap", "Plastipoint", 0.008, 1, 1.6, None),
    material("Label", "Etikett Nord", 0.005, 1, 2.0, None),
    material("Carton", "Kartonia", 0.12, 1, 1.5, None),
    material("Film", "Plastipoint", 0.012, 1, 1.6, None),
    material("Gift box", "Kartonia", 1.6, 2, 2.2, None),
    material("Sugar", "Sucra", 0.92, 1, 1.5, None),
    material("CO2", "Gasline", 0.9, 0, 1.8, None),
    material("Tea extract", "Camellia Trading", 9.5, 2, 1.4, None),
    material("Citrus concentrate", "Citrovia", 4.4, 2, 1.0, Some((1.85, 0.07))),
    material("Apple concentrate", "Pomona", 3.1, 1, 1.5, None),
    material("Caffeine blend", "Camellia Trading", 68.0, 2, 1.5, None),
    material("Oats", "Avena Mills", 2.0, 1, 1.6, None),
];

/// Cocoa has two sources, one nearer and dearer.
const COCOA: [Material; 2] =
    [material("Cocoa", "Theobroma", 8.6, 2, 1.1, None), material("Cocoa", "Kakao Direkt", 10.2, 1, 0.5, None)];

const fn material(
    name: &'static str,
    supplier: &'static str,
    cost: f64,
    lead_time: u32,
    slack: f64,
    expedite: Option<(f64, f64)>,
) -> Material {
    Material { name, supplier, cost, lead_time, slack, expedite }
}

/// Every material with each of its sources.
pub(super) fn sources() -> impl Iterator<Item = &'static Material> {
    MATERIALS.iter().chain(&COCOA)
}

/// What materials are called, each once.
pub(super) fn material_names() -> impl Iterator<Item = &'static str> {
    MATERIALS.iter().chain(&COCOA[..1]).map(|material| material.name)
}
