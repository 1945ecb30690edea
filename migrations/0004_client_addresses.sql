-- Who has been seen at an address: its keyed hash, and the subject whose events bear a hash of it under their own key.
-- Rows of a person go with the key of that person. What is missing here is written with the next event from there.
create table vault.client_addresses (
  address_hash uuid not null,
  subject text not null,
  primary key (address_hash, subject)
);
create index client_addresses_by_subject on vault.client_addresses (subject);
