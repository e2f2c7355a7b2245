//! Names that are common enough to be nobody's.

pub(super) const GIVEN: [&str; 32] = [
    "Aisha", "Ana", "Ben", "Chen", "Clara", "Daniel", "Elif", "Emma", "Farid", "Grace", "Hana", "Ivan",
    "Jonas", "Kofi", "Lea", "Lucas", "Maria", "Mei", "Mila", "Noah", "Nora", "Olga", "Omar", "Priya", "Ravi",
    "Rosa", "Sam", "Sofia", "Tom", "Uma", "Yara", "Zoë",
];

pub(super) const FAMILY: [&str; 32] = [
    "Adams", "Ahmed", "Bauer", "Berg", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito",
    "Jansen", "Kaya", "Khan", "Kim", "Lopez", "Martin", "Mendes", "Müller", "Nilsson", "Novak", "O'Brien",
    "Okafor", "Patel", "Popov", "Rossi", "Silva", "Singh", "Smith", "Tanaka", "Van Dijk", "Weber",
];
