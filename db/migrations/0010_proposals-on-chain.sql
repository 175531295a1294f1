ALTER TABLE "proposal_approvals" ADD COLUMN "hub_signatures" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "autonomous" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "market" text;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "refusal" text;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "on_chain" jsonb;--> statement-breakpoint
ALTER TABLE "publications" ADD COLUMN "proposal" text;--> statement-breakpoint
ALTER TABLE "publications" ADD COLUMN "batch" text;--> statement-breakpoint
CREATE INDEX "proposals_of_forecasts" ON "proposals" USING btree ("protocol","market","created_at") WHERE "proposals"."market" is not null;--> statement-breakpoint
CREATE INDEX "publications_by_batch" ON "publications" USING btree ("batch") WHERE "publications"."batch" is not null;