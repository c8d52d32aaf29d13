-- A condition's value in the form in which it is compared ("" for any), so that clients of the old API,
-- who know a trigger by its event and condition, find the one that works.
alter table events.triggers add column condition_fold text not null default '';
update events.triggers set condition_fold = lower(coalesce(condition_value, ''));
